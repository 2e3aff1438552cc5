//! What the studies are made of.

pub mod burda;
pub mod deep;
pub mod talk;
pub mod uncertain;
