//! A report as a page for a browser.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use burn_bayes::{
    draw::{Chart, Colour},
    evaluate::HtmlReport,
};
use std::fs;

/// Its elements, opened and closed in order; `meta` and `img` are never closed.
fn check_elements(html: &str) {
    let mut open = Vec::new();
    for tag in html.split('<').skip(1) {
        let tag = tag.split(['>', ' ']).next().unwrap();
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if ["!doctype", "meta", "img"].contains(&tag) => {}
            None => open.push(tag),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// The size that each picture's element states, and that of the PNG in it.
fn sizes(html: &str) -> Vec<[[u32; 2]; 2]> {
    let pictures = html.split("<img ").skip(1);
    let size = |picture: &str| {
        let attribute = |name: &str| {
            let value = picture.split(&format!("{name}=\"")).nth(1).unwrap();
            value.split('"').next().unwrap().to_owned()
        };
        let number = |name| attribute(name).parse::<u32>().unwrap();
        let source = attribute("src");
        let data = source.strip_prefix("data:image/png;base64,").unwrap();
        let png = image::load_from_memory(&STANDARD.decode(data).unwrap()).unwrap();
        let stated = [number("width"), number("height")];
        [stated, [png.width(), png.height()]]
    };
    pictures.map(size).collect()
}

#[test]
fn a_page_holds_all_of_a_report_and_nothing_from_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new/report.html");
    let (data, train) = (binary_rows(9, 5), binary_rows(6, 6));
    let random = model(Uncertainty::EncoderAndDecoder);
    let found = report_with_train(&random, &data, &train, &quiet(60)).unwrap();
    let line =
        Chart::new("", "epoch", "bound [nats]").line("", Colour::Iwae, &[(1.0, 2.0), (2.0, 3.0)]);
    let line = line.with_size([300, 200]).draw().unwrap();
    HtmlReport::new(&found)
        .with_title("<b>IWAEU & \"friends\"")
        .with_picture("a curve", line)
        .with_settings("Model", &VaeConfig::new(10, 3))
        .save(&path)
        .unwrap();
    let html = fs::read_to_string(&path).unwrap();
    check_elements(&html);
    assert!(html.contains("<title>&lt;b&gt;IWAEU &amp; &quot;friends&quot;</title>"));
    assert!(!html.contains("http") && !html.contains("<script") && !html.contains("url("));
    // What is printed for people, line by line.
    for line in found
        .to_string()
        .lines()
        .skip(3)
        .filter(|line| !line.is_empty())
    {
        let text = match line.strip_prefix("warning: ") {
            Some(warning) => warning,
            None => &line.chars().skip(28).collect::<String>(),
        };
        assert!(html.contains(text), "{text}");
    }
    assert!(html.contains("d_latent"));
    let sizes = sizes(&html);
    // The curve, and four charts: samples, datapoints, tails, units.
    assert_eq!(sizes.len(), 5);
    assert_eq!(sizes[0], [[300, 200]; 2]);
    assert!(sizes.iter().all(|[stated, png]| stated == png), "{sizes:?}");

    // Tails that are all too heavy to be fitted are drawn, too.
    let mut heavy = found;
    heavy.log_likelihood.pareto_k.fill(f64::INFINITY);
    HtmlReport::new(&heavy).save(&path).unwrap();
    assert_eq!(
        crate::html::sizes(&fs::read_to_string(&path).unwrap()).len(),
        4
    );
}

/// A page is what one opens when something went wrong.
#[test]
fn numbers_that_are_none_have_a_page_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.html");
    let mut found = report(&model(Uncertainty::None), &binary_rows(3, 5), &quiet(2)).unwrap();
    found.log_likelihood.values.fill(f64::NEG_INFINITY);
    for point in &mut found.curve {
        point.values.fill(f64::NAN);
    }
    found.layers[0].variances.fill(f64::NAN);
    found.save_html(&path).unwrap();
    let html = fs::read_to_string(&path).unwrap();
    check_elements(&html);
    assert!(html.contains("not finite"), "{html}");
}
