//! The HTML elements of a page.

use crate::{draw::Picture, error::Result};
use base64::{Engine, engine::general_purpose::STANDARD};

const STYLE: &str = include_str!("style.css");

/// A page that is being written. All text is escaped.
pub(super) struct Page {
    html: String,
}

impl Page {
    pub fn new(title: &str) -> Self {
        let title = escaped(title);
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        Self { html }
    }

    pub fn heading(&mut self, text: &str) {
        self.html += &format!("<h2>{}</h2>\n", escaped(text));
    }

    pub fn note(&mut self, text: &str) {
        self.html += &format!("<p class=\"data\">{}</p>\n", escaped(text));
    }

    pub fn warning(&mut self, text: &str) {
        self.html += &format!("<p class=\"warning\">Warning: {}</p>\n", escaped(text));
    }

    pub fn table(&mut self, rows: &[(String, String)]) {
        self.html += "<table>\n";
        for (name, text) in rows {
            let (name, text) = (escaped(name.trim()), escaped(text));
            self.html += &format!("<tr><th>{name}</th><td>{text}</td></tr>\n");
        }
        self.html += "</table>\n";
    }

    pub fn picture(&mut self, caption: &str, picture: &Picture) -> Result<()> {
        let data = STANDARD.encode(picture.png(caption)?);
        let (width, height) = (picture.width(), picture.height());
        let caption = escaped(caption);
        self.html += &format!(
            "<figure>\n<figcaption>{caption}</figcaption>\n<img width=\"{width}\" \
             height=\"{height}\" alt=\"{caption}\" src=\"data:image/png;base64,{data}\">\n\
             </figure>\n"
        );
        Ok(())
    }

    /// Several charts beside each other.
    pub fn charts(&mut self, charts: &[(&str, Picture)]) -> Result<()> {
        self.html += "<div class=\"charts\">\n";
        for (caption, chart) in charts {
            self.picture(caption, chart)?;
        }
        self.html += "</div>\n";
        Ok(())
    }

    pub fn code(&mut self, name: &str, text: &str) {
        let (name, text) = (escaped(name), escaped(text));
        self.html +=
            &format!("<details>\n<summary>{name}</summary>\n<pre>{text}</pre>\n</details>\n");
    }

    pub fn finish(self) -> String {
        self.html + "</body>\n</html>\n"
    }
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html += "&amp;",
            '<' => html += "&lt;",
            '>' => html += "&gt;",
            '"' => html += "&quot;",
            other => html.push(other),
        }
    }
    html
}
