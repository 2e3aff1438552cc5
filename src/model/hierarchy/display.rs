//! What a hierarchy prints.

use super::Hierarchy;
use burn::module::{Content, DisplaySettings, Module, ModuleDisplay, ModuleDisplayDefault};

/// A hierarchy without layers is its top prior, and prints as that.
impl<P, E, D> ModuleDisplay for Hierarchy<P, E, D>
where
    P: Module + ModuleDisplay,
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
{
    fn format(&self, settings: DisplaySettings) -> String {
        match self.layers.is_empty() {
            true => self.top.format(settings),
            false => Layered(self).format(settings),
        }
    }
}

struct Layered<'a, P: Module + ModuleDisplay, E: Module + ModuleDisplay, D: Module + ModuleDisplay>(
    &'a Hierarchy<P, E, D>,
);

impl<P, E, D> ModuleDisplayDefault for Layered<'_, P, E, D>
where
    P: Module + ModuleDisplay,
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
{
    fn content(&self, content: Content) -> Option<Content> {
        let content = content.set_top_level_type("Hierarchy");
        Some(
            content
                .add("layers", &self.0.layers)
                .add("top", &self.0.top),
        )
    }

    fn num_params(&self) -> usize {
        Module::num_params(self.0)
    }
}

impl<P, E, D> ModuleDisplay for Layered<'_, P, E, D>
where
    P: Module + ModuleDisplay,
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
{
}
