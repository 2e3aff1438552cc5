//! The difference between two models, from the text that they print.

/// The first line that differs.
#[derive(Debug, PartialEq)]
pub(crate) struct Difference {
    /// The path in the model: the names of the modules around the line, outermost first. Empty at
    /// the top.
    pub place: String,
    /// The line in the first, "nothing" if it ends before.
    pub one: String,
    /// The line in the other.
    pub other: String,
}

impl Difference {
    /// The difference of two texts; `None` if they are equal.
    pub fn of(one: &str, other: &str) -> Option<Self> {
        if one == other {
            return None;
        }
        let lines: Vec<&str> = one.lines().collect();
        let others: Vec<&str> = other.lines().collect();
        let same = lines.iter().zip(&others).take_while(|(a, b)| a == b);
        let first = same.count();
        let shown = |lines: &[&str]| match lines.get(first) {
            Some(line) => format!("`{}`", line.trim()),
            None => "nothing".into(),
        };
        Some(Self {
            place: place(&lines[..first], lines.get(first).or(others.get(first))),
            one: shown(&lines),
            other: shown(&others),
        })
    }

    /// " in `encoder.network`", or nothing at the top of a model.
    pub fn inside(&self) -> String {
        match self.place.as_str() {
            "" => String::new(),
            place => format!(" in `{place}`"),
        }
    }
}

/// The path of a line, from the lines before it with smaller and smaller indents.
fn place(before: &[&str], line: Option<&&str>) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut least = line.map_or(0, |line| indent(line));
    let mut names = Vec::new();
    for line in before.iter().rev().filter(|line| line.ends_with('{')) {
        if indent(line) < least {
            least = indent(line);
            names.extend(line.trim().split_once(':').map(|(name, _)| name));
        }
    }
    names.reverse();
    names.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "Vae {\n  encoder: Net {\n    a: 1\n  }\n  decoder: Net {\n    layers: Vec {\n      0: x\n    }\n    a: 1\n  }\n}";

    #[test]
    fn the_first_line_that_differs_is_given_with_its_place() {
        assert_eq!(Difference::of(MODEL, MODEL), None);
        let of = |other: &str| {
            let difference = Difference::of(MODEL, other).unwrap();
            (difference.place, difference.one, difference.other)
        };
        let expect = |place: &str, one: &str, other: &str| (place.into(), one.into(), other.into());
        let other = MODEL.replace("      0: x", "      0: y");
        assert_eq!(of(&other), expect("decoder.layers", "`0: x`", "`0: y`"));
        let other = MODEL.replacen("    a: 1", "    a: 2", 1);
        assert_eq!(of(&other), expect("encoder", "`a: 1`", "`a: 2`"));
        let other = MODEL.replace("Vae", "Other");
        assert_eq!(of(&other), expect("", "`Vae {`", "`Other {`"));
        let other = format!("{MODEL}\nmore");
        assert_eq!(of(&other), expect("", "nothing", "`more`"));
    }
}
