//! The same seeds give the same numbers, to the bit, as when `hashes.txt` was written.
//!
//! The order in which a product is summed up depends on the processor, so each class of processors
//! has hashes of its own. A class without any is told in the list of skipped tests.

use burn::module::{ModuleVisitor, Param};
use burn_bayes::{
    prelude::*,
    train::{Backward, Run},
};
use skipped::skipped;
use std::fmt::Write;

const KNOWN: &str = include_str!("hashes.txt");

/// The maker of the processor, its family and its model, as its `cpuid` numbers them.
#[cfg(target_arch = "x86_64")]
fn class() -> Option<String> {
    use std::arch::x86_64::__cpuid;
    let maker = __cpuid(0);
    let maker = [maker.ebx, maker.edx, maker.ecx].map(u32::to_le_bytes);
    let version = __cpuid(1).eax;
    let bits = |first: u32, count: u32| version >> first & ((1 << count) - 1);
    let (family, model) = (bits(8, 4) + bits(20, 8), bits(4, 4) + (bits(16, 4) << 4));
    let maker = String::from_utf8_lossy(maker.as_flattened()).into_owned();
    Some(format!("{maker}-{family}-{model}"))
}

#[cfg(not(target_arch = "x86_64"))]
fn class() -> Option<String> {
    None
}

/// FNV-1a of the bits of numbers.
struct Hash(u64);

impl Hash {
    fn add(&mut self, bytes: impl IntoIterator<Item = u8>) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

impl ModuleVisitor for Hash {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let numbers = param.val().try_into_vec_as::<f32>().unwrap();
        self.add(numbers.into_iter().flat_map(f32::to_le_bytes));
    }
}

/// Of the weights after six steps, and of an evaluation of the model.
fn hash(uncertainty: Uncertainty, objective: Objective, family: Family) -> u64 {
    let device = Device::default();
    let rows = (0..784 * 150).map(|i| ((i * 7) % 11) as f32 / 10.0);
    let grey = Datapoints::new("grey", rows.collect(), 784).unwrap();
    let model = VaeConfig::new(784, 20)
        .with_hidden(vec![100])
        .with_uncertainty(uncertainty)
        .with_likelihood(family)
        .init(&device, &mut Noise::seeded(1));
    let training = TrainingConfig::new(objective)
        .with_seed(3)
        .with_epochs(2)
        .with_batch_size(50);
    let folder = tempfile::tempdir().unwrap();
    let run = Run::new(folder.path()).with_progress(Progress::Silent);
    let trained = match family {
        Family::Bernoulli => {
            let binary = grey.clone().binarized(Binarization::Dynamic);
            training.fit(model, &binary, None, run)
        }
        _ => training.fit(model, &grey, None, run),
    };
    let model = trained.unwrap().model;
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    model.visit(&mut hash);

    let images = grey.select(&[0, 1, 2], &device).greater_elem(0.5).float();
    let settings = LogLikelihoodSettings {
        num_samples: 100,
        ..Default::default()
    };
    let noise = &mut Noise::seeded(4);
    let evaluated = evaluate::log_likelihood(&model, images, &settings, noise).unwrap();
    for value in evaluated.values {
        hash.add(value.to_le_bytes());
    }
    hash.0
}

#[test]
fn weights_and_evaluations_are_those_of_before() {
    if Device::default() != Device::flex() {
        return skipped("hashes, which are those of the processor");
    }
    let Some(class) = class() else {
        return skipped("hashes of this kind of processor");
    };
    let pruned = Backward::Replayed {
        samples_per_chunk: 5,
        threshold: 0.1,
    };
    let charged = Objective::iwaeu(5, ChargedWeights::All);
    let everywhere = Uncertainty::EncoderAndDecoder;
    let fixed = Family::Normal(Scale::Fixed { std: 0.5 });
    let learned = Family::Normal(Scale::default());
    let cases = [
        ("vae", Uncertainty::None, Objective::vae(1)),
        (
            "vae-analytic",
            Uncertainty::None,
            Objective::vae_analytic(2),
        ),
        ("iwae", Uncertainty::None, Objective::iwae(5)),
        ("iwaeu-rec", Uncertainty::Encoder, Objective::iwae(5)),
        ("iwaeu", everywhere, charged),
        (
            "pruned",
            everywhere,
            Objective::iwae(5).with_backward(pruned),
        ),
    ];
    let mut found = String::new();
    for (name, uncertainty, objective) in cases {
        for (decoder, family) in [
            ("bernoulli", Family::Bernoulli),
            ("fixed", fixed),
            ("learned", learned),
        ] {
            let hash = hash(uncertainty, objective.clone(), family);
            writeln!(found, "{class} {name} {decoder} {hash:016x}").unwrap();
        }
    }
    let known = KNOWN
        .lines()
        .filter(|line| line.split(' ').next() == Some(&class));
    let known: String = known.flat_map(|line| [line, "\n"]).collect();
    if known.is_empty() {
        eprintln!("what tests/same_numbers/hashes.txt lacks:\n{found}");
        return skipped("hashes of this processor");
    }
    assert!(
        known == found,
        "Numbers have changed. If they should, say so in CHANGELOG.md, and write into\n\
         tests/same_numbers/hashes.txt, in the place of what it says of other processors too:\n{found}\n\
         It said:\n{known}"
    );
}
