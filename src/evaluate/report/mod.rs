//! Everything about how well a model explains data, in one call.

mod contents;
mod file;
mod pass;
mod run;
mod saved;
mod settings;
mod table;

pub use contents::{Again, BoundParts, CurvePoint, Report};
pub use run::{report, report_with_train};
pub use settings::{Progress, ReportSettings};
pub use table::Summary;
