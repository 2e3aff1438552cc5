//! As much of Markdown as these tests need.

use std::collections::{BTreeMap, BTreeSet};

/// What the tests ask of a page.
#[derive(Debug, Default)]
pub struct Page {
    /// Targets of links and pictures.
    pub links: Vec<String>,
    /// What stands behind `#` in links to headings.
    pub anchors: BTreeSet<String>,
    /// Lines of prose above 100 columns: their numbers and widths.
    pub wide_lines: Vec<(usize, usize)>,
    /// Formulas in blocks and lines, each with the number of its first line.
    pub formulas: Vec<(usize, String)>,
    /// Lines with a dollar that neither begins nor ends a formula: their numbers.
    pub stray_dollars: Vec<usize>,
}

impl Page {
    /// Reads a page.
    pub fn of(text: &str) -> Self {
        let mut page = Self::default();
        let mut prose = String::new();
        let mut same: BTreeMap<String, usize> = BTreeMap::new();
        let mut fenced = false;
        let mut in_formula = false;
        for (index, line) in text.lines().enumerate() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                fenced = !fenced;
                in_formula = fenced && language == "math";
                if in_formula {
                    page.formulas.push((index + 1, String::new()));
                }
                continue;
            }
            if fenced {
                if let (true, Some((_, formula))) = (in_formula, page.formulas.last_mut()) {
                    *formula += line;
                    formula.push('\n');
                }
                continue;
            }
            if let Some(heading) = heading(line) {
                let anchor = anchor(heading);
                let before = same.entry(anchor.clone()).or_default();
                page.anchors.insert(match before {
                    0 => anchor,
                    _ => format!("{anchor}-{before}"),
                });
                *before += 1;
            }
            if !line.starts_with("    ") {
                let width = line.chars().filter(|c| !is_combining(*c)).count();
                if width > 100 && !line.starts_with('|') && !is_definition(line) {
                    page.wide_lines.push((index + 1, width));
                }
                prose += &without_code(line);
                let (formulas, rest) = formulas(line);
                let formulas = formulas
                    .into_iter()
                    .map(|formula| (index + 1, formula.into()));
                page.formulas.extend(formulas);
                if without_code(&rest).contains('$') {
                    page.stray_dollars.push(index + 1);
                }
            }
            prose.push('\n');
        }
        page.links = links(&prose);
        page
    }
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    (text.len() < line.len()).then(|| text.strip_prefix(' '))?
}

/// The anchor that GitHub gives to a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Whether a line says where a link of a name leads: `[name]: target`.
fn is_definition(line: &str) -> bool {
    line.starts_with('[') && line.contains("]: ")
}

/// The formulas of a line, which stand between $` and `$, and the line without them.
fn formulas(line: &str) -> (Vec<&str>, String) {
    let (mut formulas, mut rest) = (Vec::new(), String::new());
    let mut ahead = line;
    while let Some((before, after)) = ahead.split_once("$`") {
        let Some((formula, after)) = after.split_once("`$") else {
            break;
        };
        formulas.push(formula);
        rest += before;
        ahead = after;
    }
    (formulas, rest + ahead)
}

/// A line without what stands between backquotes.
fn without_code(line: &str) -> String {
    match line.matches('`').count() % 2 {
        0 => line.split('`').step_by(2).collect(),
        _ => line.into(), // code that goes on in the next line
    }
}

/// The targets of `[text](target)`, `![text](target)` and `[name]: target`.
fn links(prose: &str) -> Vec<String> {
    let inline = prose.split("](").skip(1);
    let inline = inline.filter_map(|rest| rest.split([')', ' ', '\n']).next());
    let defined = prose.lines().filter(|line| is_definition(line));
    let defined = defined.filter_map(|line| line.split("]: ").nth(1));
    inline
        .chain(defined)
        .map(|target| target.trim().into())
        .collect()
}

#[test]
fn a_page_is_read() {
    let page = Page::of(
        "# A `b`: c, d\n\n[x](y.md#z) and `[not](this)`\n\n```\n[nor](that)\n```\n## Two\n## Two\n\n\
         [![p](q.png)](r.md)\n\n[name]: s.md\n",
    );
    assert_eq!(page.links, ["y.md#z", "q.png", "r.md", "s.md"]);
    assert!(
        ["a-b-c-d", "two", "two-1"]
            .iter()
            .all(|anchor| page.anchors.contains(*anchor))
    );
    assert_eq!(page.anchors.len(), 3);
    assert!(page.wide_lines.is_empty());
    let page =
        Page::of("a\n```math\nb\nc\n```\n```sh\n$d\n```\n- $`e`$ and $`f`$, `$g`\n\n$`h$\n$i$\n");
    let formula = |line, formula: &str| (line, formula.to_string());
    let formulas = [formula(2, "b\nc\n"), formula(9, "e"), formula(9, "f")];
    assert_eq!(page.formulas, formulas);
    assert_eq!(page.stray_dollars, [11, 12]);
    let wide = format!("{}\n\n| {} |\n", "word ".repeat(21), "word ".repeat(21));
    assert_eq!(Page::of(&wide).wide_lines, [(1, 105)]);
}
