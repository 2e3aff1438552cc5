//! What the studies are made of.

pub mod burda;
pub mod screening;
pub mod size;
pub mod talk;
