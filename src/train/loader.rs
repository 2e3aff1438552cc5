//! Batches of datapoints, in an order that depends only on seed and epoch.

use super::{stream, watch::Watch};
use crate::{data::Source, noise::Noise};
use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderIterator, Progress},
        dataset::DatasetError,
    },
    tensor::Device,
};
use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Some rows of the data, and the step at which they are visited.
#[derive(Clone, Debug)]
pub(super) struct Batch<D> {
    /// The rows as the model takes them, without autodiff.
    pub x: D,
    /// The ids of the rows.
    pub ids: Vec<u32>,
    /// The number of the batch, from 0, over the whole run.
    pub step: u64,
}

/// The order of rows, and the noise of their visits. Both come from the noise of the training's
/// seed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    /// The order of the data, with the same noise at each visit: validation.
    Stored,
    /// A new permutation in each epoch, with new noise at each visit: training.
    Shuffled,
}

/// Visits each row once per epoch. The last batch may be smaller.
pub(super) struct Loader<S> {
    data: S,
    rows: Range<usize>,
    batch_size: usize,
    order: Order,
    root: Noise,
    device: Device,
    watch: Watch,
    /// The coming epoch, from 0: burn's engine calls `iter` once an epoch.
    epoch: AtomicUsize,
}

impl<S: Source> Loader<S> {
    /// All rows of `data`, on the device without autodiff. `epoch` is the first epoch, from 0.
    pub fn new(
        data: &S,
        batch_size: usize,
        order: Order,
        root: &Noise,
        device: &Device,
        watch: &Watch,
        epoch: usize,
    ) -> Self {
        let device = device.clone().without_autodiff();
        Self {
            data: data.on_device(&device),
            rows: 0..data.len(),
            batch_size,
            order,
            root: root.clone(),
            device,
            watch: watch.clone(),
            epoch: AtomicUsize::new(epoch),
        }
    }

    /// The same with these of its rows only.
    pub fn with_rows(self, rows: Range<usize>) -> Self {
        let first = self.rows.start;
        let end = (first + rows.end).min(self.rows.end);
        Self {
            rows: (first + rows.start).min(end)..end,
            ..self
        }
    }

    /// The same from the coming epoch on, on another device. On its own the data are shared.
    pub fn with_device(&self, device: &Device) -> Self {
        let device = device.clone().without_autodiff();
        let data = match device == self.device {
            true => self.data.clone(),
            false => self.data.on_device(&device),
        };
        Self {
            data,
            rows: self.rows.clone(),
            batch_size: self.batch_size,
            order: self.order,
            root: self.root.clone(),
            device,
            watch: self.watch.clone(),
            epoch: AtomicUsize::new(self.epoch.load(Ordering::Relaxed)),
        }
    }

    /// The noise of a visit.
    fn visit(&self, step: u64) -> Noise {
        match self.order {
            Order::Stored => self.root.fork(stream::VALID_BINARIZATION),
            Order::Shuffled => self.root.fork(stream::BINARIZATION).fork(step),
        }
    }

    fn ids(&self, epoch: usize) -> Vec<u32> {
        let first = self.rows.start as u32;
        match self.order {
            Order::Stored => (first..self.rows.end as u32).collect(),
            Order::Shuffled => {
                let mut noise = self.root.fork(stream::ORDER).fork(epoch as u64);
                let order = noise.permutation(self.rows.len());
                order.into_iter().map(|row| first + row).collect()
            }
        }
    }
}

impl<S: Source> DataLoader<Batch<S::Rows>> for Loader<S> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch<S::Rows>> + 'a> {
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

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch<S::Rows>>> {
        Arc::new(self.with_device(device))
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch<S::Rows>>> {
        Arc::new(self.with_device(&self.device).with_rows(start..end))
    }
}

/// The batches of an epoch.
struct Batches<'a, S> {
    loader: &'a Loader<S>,
    ids: Vec<u32>,
    visited: usize,
    step: u64,
}

impl<S: Source> Iterator for Batches<'_, S> {
    type Item = Result<Batch<S::Rows>, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let ids = self.ids[self.visited..]
            .chunks(self.loader.batch_size)
            .next()?
            .to_vec();
        let (loader, step) = (self.loader, self.step);
        self.visited += ids.len();
        self.step += 1;
        let visit = loader.visit(step).with_datapoints(&ids);
        let rows = loader.data.select(&ids, &loader.device, &visit);
        Some(match rows {
            Ok(x) => Ok(Batch { x, ids, step }),
            Err(error) => {
                // burn's error holds only a text, so the error itself is kept here for `fit` to
                // return.
                let text = error.to_string();
                loader.watch.fail(error);
                Err(DatasetError::new(std::io::Error::other(text)))
            }
        })
    }
}

impl<S: Source> DataLoaderIterator<Batch<S::Rows>> for Batches<'_, S> {
    fn progress(&self) -> Progress {
        Progress::new(self.visited, self.ids.len(), Some("datapoints".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data::Datapoints, distribution::Support, error::Result};
    use burn::tensor::Tensor;

    fn loader(seed: u64, epoch: usize) -> Loader<Datapoints> {
        let data = Datapoints::new("ten", (0..20).map(|i| i as f32).collect(), 2).unwrap();
        let (root, watch) = (Noise::seeded(seed), Watch::default());
        Loader::new(
            &data,
            4,
            Order::Shuffled,
            &root,
            &Device::default(),
            &watch,
            epoch,
        )
    }

    fn epoch(loader: &dyn DataLoader<Batch<Tensor<2>>>) -> Vec<Batch<Tensor<2>>> {
        loader.iter().map(|batch| batch.unwrap()).collect()
    }

    fn ids(batches: &[Batch<Tensor<2>>]) -> Vec<u32> {
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

    /// Draws from the noise of a visit as it is, and counts how often it is prepared.
    #[derive(Clone, Debug)]
    struct Draws(Arc<AtomicUsize>);

    impl Source for Draws {
        type Rows = Tensor<2>;

        fn name(&self) -> &str {
            "draws"
        }

        fn len(&self) -> usize {
            10
        }

        fn select(&self, ids: &[u32], device: &Device, visit: &Noise) -> Result<Tensor<2>> {
            Ok(visit
                .clone()
                .normal([1, ids.len(), 1], device)
                .squeeze_dim(0))
        }

        fn fingerprint(&self) -> Result<String> {
            Ok("draws".into())
        }

        fn check(&self, _: Support) -> Result<()> {
            Ok(())
        }

        fn on_device(&self, _: &Device) -> Self {
            self.0.fetch_add(1, Ordering::Relaxed);
            self.clone()
        }
    }

    #[test]
    fn a_row_gets_its_own_noise_and_data_are_prepared_once() {
        let data = Draws(Arc::default());
        let device = Device::default();
        let draws = |size| {
            let (root, watch) = (Noise::seeded(1), Watch::default());
            let loader = Loader::new(&data, size, Order::Stored, &root, &device, &watch, 0);
            let moved = loader.to_device(&device.clone().autodiff()).slice(0, 9);
            let rows = epoch(&*moved).into_iter().map(|batch| batch.x).collect();
            Tensor::cat(rows, 0).try_into_vec_as::<f32>().unwrap()
        };
        let found = draws(4);
        assert_eq!(draws(3), found);
        assert_ne!(found[0], found[4]);
        assert_eq!(data.0.load(Ordering::Relaxed), 2);
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
