//! Tables within a page.

/// The page with a table in the place that has its name; without such a place, the page as it is.
///
/// A place begins with `<!-- study: NAME -->` and ends with `<!-- end -->`, each a line of its own.
pub fn with_table(page: &str, name: &str, table: &str) -> String {
    let begin = format!("<!-- study: {name} -->\n");
    let Some((before, rest)) = page.split_once(&begin) else {
        return page.into();
    };
    let Some((_, after)) = rest.split_once("<!-- end -->") else {
        return page.into();
    };
    format!("{before}{begin}\n{table}\n<!-- end -->{after}")
}

/// Rows as Markdown, the first row being the heads.
pub fn markdown(rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let Some((heads, rows)) = rows.split_first() else {
        return String::new();
    };
    let rule = vec!["---".to_string(); heads.len()];
    let lines = [line(heads), line(&rule)].into_iter();
    lines.chain(rows.iter().map(|row| line(row))).collect()
}
