//! Everything about how well a model explains data, in one call.

mod contents;
mod file;
#[cfg(feature = "draw")]
mod html;
mod pass;
mod run;
mod saved;
mod settings;
mod table;

pub use contents::{Again, BoundParts, CurvePoint, Report};
#[cfg(feature = "draw")]
pub use html::HtmlReport;
pub use run::{report, report_with_train};
pub use settings::ReportSettings;
pub use table::Summary;
