//! The model and the data of a run.

use crate::{data::Source, difference::Difference, error::Result, hash::Hash};
use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::Tensor,
};
use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// What must be the same of the model and the data when a run is resumed. The values of weights may
/// differ: a checkpoint has them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Inputs {
    /// The name of this run, which its checkpoints also hold.
    pub run: String,
    /// The text that the model prints, line by line, then its parameters. If the format of this
    /// text changes, increase the number in the field's serialized name: a field that a file does
    /// not have is not compared.
    #[serde(rename = "model_1", default, skip_serializing_if = "Option::is_none")]
    model: Option<Vec<String>>,
    train: Data,
    valid: Option<Data>,
}

/// A data set; the order of its rows matters.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Data {
    name: String,
    fingerprint: String,
}

impl Data {
    fn of<S: Source>(data: &S) -> Result<Self> {
        Ok(Self {
            name: data.name().into(),
            fingerprint: data.fingerprint()?,
        })
    }
}

impl PartialEq for Data {
    /// Names are not compared.
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Display for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, self.fingerprint)
    }
}

impl Inputs {
    pub fn of<S: Source, M: Module + Display>(
        model: &M,
        train: &S,
        valid: Option<&S>,
    ) -> Result<Self> {
        let printed = format!("{model}\n{}", parameters(model));
        Ok(Self {
            run: new_run(),
            model: Some(printed.lines().map(str::to_owned).collect()),
            train: Data::of(train)?,
            valid: valid.map(Data::of).transpose()?,
        })
    }

    /// The first difference from an earlier training, in words, and the cure.
    pub fn difference(&self, earlier: &Self) -> Option<(String, &'static str)> {
        if let (Some(here), Some(there)) = (&self.model, &earlier.model)
            && let Some(difference) = Difference::of(&here.join("\n"), &there.join("\n"))
        {
            let problem = format!(
                "another model: it has {}, this one {}{}",
                difference.other,
                difference.one,
                difference.inside()
            );
            return Some((problem, "resume with the model of the run"));
        }
        let shown = |data: Option<&Data>| data.map_or("none".into(), Data::to_string);
        let pairs = [
            ("training", Some(&self.train), Some(&earlier.train)),
            ("validation", self.valid.as_ref(), earlier.valid.as_ref()),
        ];
        let (kind, here, there) = pairs.into_iter().find(|(_, here, there)| here != there)?;
        let problem = format!(
            "other {kind} data: {}, these are {}",
            shown(there),
            shown(here)
        );
        let cure = "resume with the data of the run, rows in the same order";
        Some((problem, cure))
    }
}

/// Each parameter's place, number type and shape, and whether it is frozen.
fn parameters<M: Module>(model: &M) -> String {
    struct Parameters {
        path: Vec<String>,
        text: String,
    }
    impl ModuleVisitor for Parameters {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.into());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let value = param.val();
            let frozen = if param.is_require_grad() {
                ""
            } else {
                ", frozen"
            };
            self.text += &format!(
                "{}: {:?} {:?}{frozen}\n",
                self.path.join("."),
                value.dtype(),
                value.dims()
            );
        }
    }
    let mut parameters = Parameters {
        path: Vec::new(),
        text: String::new(),
    };
    model.visit(&mut parameters);
    parameters.text
}

/// A name that no other run has, from the time and the process id. Nothing else depends on it.
fn new_run() -> String {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let time = time.map_or(0, |time| time.as_nanos());
    let hash = Hash::default()
        .and(&time.to_le_bytes())
        .and(&std::process::id().to_le_bytes());
    format!("{:016x}", hash.value())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Datapoints;
    use burn::{nn::Linear, tensor::Device};

    fn data(values: &[f32]) -> Datapoints {
        Datapoints::new("data", values.into(), 2).unwrap()
    }

    fn linear(width: usize) -> Linear {
        let weight = Tensor::zeros([2, width], &Device::default().autodiff());
        Linear {
            weight: Param::from_tensor(weight),
            bias: None,
        }
    }

    #[test]
    fn what_differs_is_named() {
        let (a, b) = (data(&[1.0, 2.0, 3.0, 4.0]), data(&[3.0, 4.0, 1.0, 2.0]));
        let renamed = Datapoints::new("renamed", a.values().into(), 2).unwrap();
        let earlier = Inputs::of(&linear(3), &a, Some(&b)).unwrap();
        let difference = |model: Linear, train, valid| {
            let (problem, _) = Inputs::of(&model, train, valid)
                .unwrap()
                .difference(&earlier)?;
            Some(problem)
        };
        assert_eq!(difference(linear(3), &renamed, Some(&b)), None);
        let wide = difference(linear(4), &a, Some(&b)).unwrap();
        assert!(wide.starts_with("another model: it has "), "{wide}");
        assert!(
            wide.contains("d_output: 3") && wide.contains("d_output: 4"),
            "{wide}"
        );
        let frozen = difference(linear(3).freeze(), &a, Some(&b)).unwrap();
        assert!(
            frozen.ends_with("this one `weight: F32 [2, 3], frozen`"),
            "{frozen}"
        );
        let order = difference(linear(3), &b, Some(&b)).unwrap();
        assert!(order.starts_with("other training data: data (2 rows of 2, "));
        let valid = difference(linear(3), &a, None).unwrap();
        assert!(valid.starts_with("other validation data: data (2 rows of 2, "));
        assert!(valid.ends_with(", these are none"), "{valid}");
    }
}
