//! A model on the GPU device that an application already has.
//!
//!     cargo run --release --features wgpu --example shared_device
//!
//! An application that draws or computes by wgpu has a device and a queue. burn takes both, so
//! that nothing is opened twice. The wgpu must be the one of burn, `burn::tensor::wgpu::wgpu`.
//! Some seconds on a card; on a GPU in software half a minute. Expect a log p(x) near -1.5 nats,
//! that of four images of equal probability being -1.39, and the application's sum of 6.

use burn::{
    optim::GradientsParams,
    tensor::wgpu::{WgpuSetup, wgpu},
};
use burn_bayes::prelude::*;
use std::{
    error::Error,
    pin::pin,
    task::{Context, Poll, Waker},
};

fn main() -> Result<(), Box<dyn Error>> {
    let setup = open()?;
    println!(
        "The application's device: {}",
        setup.adapter.get_info().name
    );

    // The handles are counted references: the application keeps its own.
    let device = Device::wgpu_options().setup(setup.clone()).init()?;
    println!("log p(x): {:.2} nats", train(&device)?);

    // Work of the application on the same queue waits until burn's has been handed in.
    device.sync()?;
    println!("The application's sum: {}", add(&setup, &[1, 2, 3])?);
    Ok(())
}

/// What an application does at its start.
fn open() -> Result<WgpuSetup, Box<dyn Error>> {
    let instance = wgpu::Instance::default();
    let adapter = ready(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))?;
    // Kernels are made for what the adapter can do: so the device must be allowed to, all but what
    // wgpu calls experimental.
    let features = adapter.features() - wgpu::Features::all_experimental_mask();
    let (device, queue) = ready(adapter.request_device(&wgpu::DeviceDescriptor {
        required_features: features - wgpu::Features::MAPPABLE_PRIMARY_BUFFERS,
        required_limits: adapter.limits(),
        ..Default::default()
    }))?;
    let backend = adapter.get_info().backend;
    Ok(WgpuSetup {
        instance,
        adapter,
        device,
        queue,
        backend,
    })
}

/// On a native device wgpu's futures are ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::yield_now();
    }
}

/// Trains on the 2×2 images that have one row or one column of ones; their mean log p(x).
fn train(device: &Device) -> burn_bayes::Result<f64> {
    let device = device.clone().autodiff();
    let images = [
        [1., 1., 0., 0.],
        [0., 0., 1., 1.],
        [1., 0., 1., 0.],
        [0., 1., 0., 1.],
    ];
    let x = Tensor::<2>::from_floats(images, &device);
    let noise = Noise::seeded(1);
    let mut model = VaeConfig::new(4, 2)
        .with_hidden(vec![16])
        .init(&device, &mut noise.fork(0));
    let mut adam = AdamConfig::new().init();
    for step in 0..200 {
        let log_weights = model.log_weights(x.clone(), 10, &mut noise.fork(1).fork(step));
        let loss = -bound::iwae(log_weights.total()).mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = adam.step(0.02, model, gradients);
    }
    let settings = LogLikelihoodSettings {
        num_samples: 500,
        ..Default::default()
    };
    let x = x.inner();
    let estimate = evaluate::log_likelihood(&model.valid(), x, &settings, &noise.fork(2))?;
    Ok(estimate.mean())
}

/// Work of the application: numbers go to the device and come back.
fn add(setup: &WgpuSetup, numbers: &[u32]) -> Result<u32, Box<dyn Error>> {
    let bytes: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    let buffer = |usage| {
        setup.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes.len() as u64,
            usage,
            mapped_at_creation: false,
        })
    };
    let there = buffer(wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC);
    let back = buffer(wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ);
    setup.queue.write_buffer(&there, 0, &bytes);
    let mut encoder = setup.device.create_command_encoder(&Default::default());
    encoder.copy_buffer_to_buffer(&there, 0, &back, 0, bytes.len() as u64);
    setup.queue.submit([encoder.finish()]);
    back.slice(..).map_async(wgpu::MapMode::Read, |mapped| {
        mapped.expect("memory is mapped")
    });
    setup.device.poll(wgpu::PollType::wait_indefinitely())?;
    let bytes = back.slice(..).get_mapped_range()?;
    let (words, _) = bytes.as_chunks::<4>();
    Ok(words.iter().map(|word| u32::from_le_bytes(*word)).sum())
}
