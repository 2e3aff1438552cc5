//! Data files as they come from outside: sound, malformed, and from a server that misbehaves.

mod arrays;
mod format;
mod gzip;
mod label_types;
mod matlab;
mod mnist;
mod net;
mod omniglot;

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use burn_bayes::data::download;
use burn_bayes::data::{Datapoints, Labelled, Mnist};
use burn_bayes::data::{IdxType, parse_idx, read_idx};
use burn_bayes::data::{Images, parse_images, parse_labels, read_images, read_labels};
use burn_bayes::error::Error;
use burn_bayes::progress::{Progress, Unit};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

fn idx(magic: [u8; 4], dimensions: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    for dimension in dimensions {
        bytes.extend(dimension.to_be_bytes());
    }
    bytes.extend(elements);
    bytes
}

fn images(dimensions: [u32; 3], pixels: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 3], &dimensions, pixels)
}

fn labels(count: u32, labels: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 1], &[count], labels)
}

fn floats(shape: &[u32], numbers: &[f32]) -> Vec<u8> {
    let elements: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect();
    idx([0, 0, 0x0d, shape.len() as u8], shape, &elements)
}

/// The most memory that this process has had so far, in bytes, where the system is one that says.
fn peak_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: usize = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes << 10)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Twelve pixels: two images of 2x3.
fn sound() -> Vec<u8> {
    images([2, 2, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
}

fn assert_says<T: std::fmt::Debug>(result: Result<T, Error>, parts: &[&str]) {
    let message = result.unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "no \"{part}\" in: {message}");
    }
}

/// The folder of the real files; `None` in the published package, which leaves them out.
fn real_files() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if root.join("Cargo.toml.orig").exists() {
        skipped::skipped("mnist");
        return None;
    }
    Some(root.join("data/mnist"))
}

const NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];
