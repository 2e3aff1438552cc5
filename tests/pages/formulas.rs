//! Whether a formula is TeX that KaTeX and GitHub show.

/// The commands that pages use. GitHub refuses some that KaTeX knows, such as `\operatorname`: a
/// new one is to be tried there first.
const COMMANDS: &str = "
    Big Vert alpha approx begin det end exp frac gg hat lceil le left ln log mathbb mathrm max mid min mu
    nabla partial phi pi prod propto qquad quad rceil right sigma sim sqrt sum tau text theta tilde
    underbrace
";

/// What is wrong with a formula, in words.
pub fn problem(formula: &str) -> Option<String> {
    let none = formula.trim().is_empty();
    if none || !formula.is_ascii() {
        return Some(format!("{formula:?} is empty or not ASCII"));
    }
    if formula.contains(['$', '`']) {
        return Some(format!("{formula:?} has a $ or ` in it"));
    }
    commands(formula).or_else(|| delimiters(formula))
}

/// A command that is not known.
fn commands(formula: &str) -> Option<String> {
    let mut ahead = formula;
    while let Some((_, after)) = ahead.split_once('\\') {
        let end = after.find(|c: char| !c.is_ascii_alphabetic());
        let (name, rest) = after.split_at(end.unwrap_or(after.len()));
        ahead = match name {
            // \\, \, and the like.
            "" => rest.get(1..).unwrap_or_default(),
            _ => rest,
        };
        let known = COMMANDS.split_whitespace().any(|known| known == name);
        if !name.is_empty() && !known {
            return Some(format!("\\{name} is not among the known commands"));
        }
    }
    None
}

/// A brace, bracket, `\left` or `\begin` without its other half.
fn delimiters(formula: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut ahead = formula;
    while let Some(first) = ahead.chars().next() {
        let starts = |with: &str| ahead.starts_with(with);
        let environment = |of: &str| {
            let name = ahead.strip_prefix(of)?.strip_prefix('{')?;
            name.split_once('}').map(|(name, _)| name)
        };
        let (opened, closed, length) = if let Some(name) = environment("\\begin") {
            (Some(name), None, "\\begin{}".len() + name.len())
        } else if let Some(name) = environment("\\end") {
            (None, Some(name), "\\end{}".len() + name.len())
        } else if starts("\\left") {
            (Some("\\right"), None, "\\left(".len())
        } else if starts("\\right") {
            (None, Some("\\right"), "\\right)".len())
        } else if first == '\\' {
            (None, None, 2)
        } else {
            match first {
                '{' => (Some("}"), None, 1),
                '(' | '[' => (Some(")"), None, 1), // [0, 1) is an interval
                '}' => (None, Some("}"), 1),
                ')' | ']' => (None, Some(")"), 1),
                _ => (None, None, 1),
            }
        };
        open.extend(opened);
        if let Some(closed) = closed
            && open.pop() != Some(closed)
        {
            return Some(format!("{formula:?} has a {closed} too many"));
        }
        ahead = ahead.get(length..).unwrap_or_default();
    }
    open.pop()
        .map(|missing| format!("{formula:?} lacks {missing}"))
}

#[test]
fn broken_formulas_are_found() {
    for good in [
        "\\log \\frac{1}{k} \\sum_{i=1}^{k} w_i",
        "\\left(\\frac{a}{b}\\right)^2 \\, [0, 1)",
        "\\begin{aligned} a &= b \\\\ &= c \\end{aligned}",
        "\\{a\\}",
    ] {
        assert_eq!(problem(good), None);
    }
    for bad in [
        "",
        "σ",
        "\\frac{1}{k",
        "a}",
        "\\frc{1}{k}",
        "\\left(a",
        "a\\right)",
        "(a + b",
        "\\begin{aligned} a",
        "\\begin{aligned} a \\end{align}",
        "a`$ and $`b",
    ] {
        assert!(problem(bad).is_some(), "{bad} was taken");
    }
}
