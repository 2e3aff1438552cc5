//! What the studies are made of.

pub mod burda;
pub mod check;
pub mod deep;
pub mod scale;
pub mod talk;
pub mod uncertain;
