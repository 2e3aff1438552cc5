//! Batches of datapoints, in an order that is a function of seed and epoch.

use super::stream;
use crate::{data::Datapoints, device::largest_allocation, noise::Noise};
use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderIterator, Progress},
        dataset::DatasetError,
    },
    tensor::{Device, Int, Tensor, TensorData},
};
use std::{
    ops::Range,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Some rows of the data, and when they are visited.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// The rows as they are in the data, not yet binarized, without autodiff: `[batch, features]`.
    pub x: Tensor<2>,
    /// Which rows they are.
    pub ids: Vec<u32>,
    /// The number of the batch, from 0, over the whole run.
    pub step: u64,
}

/// The order of rows.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// As they stand.
    Stored,
    /// Permuted anew at each epoch by the noise of this seed.
    Shuffled(Noise),
}

/// Visits each row once an epoch; the last batch may be short.
pub(super) struct Loader {
    data: Datapoints,
    rows: Range<usize>,
    batch_size: usize,
    order: Order,
    device: Device,
    /// All data on the device, uploaded at the first batch; `None` where they stay on the host.
    resident: OnceLock<Option<Tensor<2>>>,
    /// The coming epoch, from 0: burn's engine calls `iter` once an epoch.
    epoch: AtomicUsize,
}

/// Data of more bytes than that are not kept on a GPU.
const MOST_RESIDENT: u64 = 1 << 30;

impl Loader {
    /// All rows of `data`, on the device without autodiff. `epoch` is the first epoch, from 0.
    pub fn new(
        data: &Datapoints,
        batch_size: usize,
        order: Order,
        device: &Device,
        epoch: usize,
    ) -> Self {
        Self {
            data: data.clone(),
            rows: 0..data.len(),
            batch_size,
            order,
            device: device.clone().without_autodiff(),
            resident: OnceLock::new(),
            epoch: AtomicUsize::new(epoch),
        }
    }

    /// The same with these of its rows only.
    pub fn with_rows(&self, rows: Range<usize>) -> Self {
        let first = self.rows.start;
        let end = (first + rows.end).min(self.rows.end);
        Self {
            rows: (first + rows.start).min(end)..end,
            ..self.with_device(&self.device)
        }
    }

    fn with_device(&self, device: &Device) -> Self {
        Self {
            rows: self.rows.clone(),
            ..Self::new(
                &self.data,
                self.batch_size,
                self.order.clone(),
                device,
                self.epoch.load(Ordering::Relaxed),
            )
        }
    }

    /// The rows with these ids. A GPU has them already and is told the ids alone.
    fn select(&self, ids: &[u32]) -> Tensor<2> {
        let resident = self.resident.get_or_init(|| {
            let most = largest_allocation(&self.device)?.min(MOST_RESIDENT);
            (size_of_val(self.data.values()) as u64 <= most).then(|| {
                let shape = [self.data.len(), self.data.num_features()];
                let data = TensorData::new(self.data.values().to_vec(), shape);
                Tensor::from_data(data, &self.device)
            })
        });
        let Some(all) = resident else {
            return self.data.select(ids, &self.device);
        };
        let ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
        let ids = Tensor::<1, Int>::from_data(TensorData::from(ids.as_slice()), &self.device);
        all.clone().select(0, ids)
    }

    fn ids(&self, epoch: usize) -> Vec<u32> {
        let first = self.rows.start as u32;
        match &self.order {
            Order::Stored => (first..self.rows.end as u32).collect(),
            Order::Shuffled(root) => {
                let mut noise = root.fork(stream::ORDER).fork(epoch as u64);
                let order = noise.permutation(self.rows.len());
                order.into_iter().map(|row| first + row).collect()
            }
        }
    }
}

impl DataLoader<Batch> for Loader {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed);
        let steps_per_epoch = self.rows.len().div_ceil(self.batch_size);
        Box::new(Batches {
            loader: self,
            ids: self.ids(epoch),
            visited: 0,
            step: (epoch * steps_per_epoch) as u64,
        })
    }

    fn num_items(&self) -> usize {
        self.rows.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(self.with_device(device))
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(self.with_rows(start..end))
    }
}

/// The batches of an epoch.
struct Batches<'a> {
    loader: &'a Loader,
    ids: Vec<u32>,
    visited: usize,
    step: u64,
}

impl Iterator for Batches<'_> {
    type Item = Result<Batch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let ids = self.ids[self.visited..]
            .chunks(self.loader.batch_size)
            .next()?
            .to_vec();
        let x = self.loader.select(&ids);
        let step = self.step;
        self.visited += ids.len();
        self.step += 1;
        Some(Ok(Batch { x, ids, step }))
    }
}

impl DataLoaderIterator<Batch> for Batches<'_> {
    fn progress(&self) -> Progress {
        Progress::new(self.visited, self.ids.len(), Some("datapoints".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loader(seed: u64, epoch: usize) -> Loader {
        let data = Datapoints::new("ten", (0..20).map(|i| i as f32).collect(), 2).unwrap();
        let order = Order::Shuffled(Noise::seeded(seed));
        Loader::new(&data, 4, order, &Device::default(), epoch)
    }

    fn epoch(loader: &dyn DataLoader<Batch>) -> Vec<Batch> {
        loader.iter().map(|batch| batch.unwrap()).collect()
    }

    fn ids(batches: &[Batch]) -> Vec<u32> {
        batches.iter().flat_map(|batch| batch.ids.clone()).collect()
    }

    #[test]
    fn every_row_is_visited_once_an_epoch_with_its_numbers() {
        let loader = loader(1, 0);
        for first_step in [0, 3, 6] {
            let batches = epoch(&loader);
            let sizes: Vec<usize> = batches.iter().map(|batch| batch.x.dims()[0]).collect();
            assert_eq!(sizes, [4, 4, 2]);
            let steps: Vec<u64> = batches.iter().map(|batch| batch.step).collect();
            assert_eq!(steps, [first_step, first_step + 1, first_step + 2]);
            for batch in &batches {
                let x = batch.x.clone().try_into_vec_as::<f32>().unwrap();
                let expected: Vec<f32> = batch
                    .ids
                    .iter()
                    .flat_map(|&id| [2 * id, 2 * id + 1])
                    .map(|v| v as f32)
                    .collect();
                assert_eq!(x, expected);
                assert!(!batch.x.device().is_autodiff());
            }
            let mut ids = ids(&batches);
            ids.sort_unstable();
            assert_eq!(ids, (0..10).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn the_order_is_a_function_of_seed_and_epoch() {
        let loader_1 = loader(1, 0);
        let (first, second) = (epoch(&loader_1), epoch(&loader_1));
        assert_ne!(ids(&first), ids(&second));
        assert_ne!(ids(&first), ids(&epoch(&loader(2, 0))));
        assert_eq!(ids(&second), ids(&epoch(&loader(1, 1))));
        assert_eq!(second[0].step, 3);

        let documented = Noise::seeded(1).fork(stream::ORDER).fork(1).permutation(10);
        assert_eq!(ids(&second), documented);
    }

    #[test]
    fn moving_and_slicing_keep_the_epoch() {
        let loader = loader(1, 0);
        let _ = epoch(&loader);
        let moved = loader.to_device(&Device::default().autodiff());
        assert_eq!(ids(&epoch(&*moved)), ids(&epoch(&loader)));

        let slice = moved.slice(3, 9);
        assert_eq!(slice.num_items(), 6);
        let mut seen = ids(&epoch(&*slice.slice(1, 100)));
        seen.sort_unstable();
        assert_eq!(seen, [4, 5, 6, 7, 8]);
        assert_eq!(loader.slice(0, 0).iter().count(), 0);
    }
}
