//! Saving a model with its configuration, and loading it again.

mod conditional;
mod configuration;
mod folder;
mod incomplete;
mod ladder;
mod vae;
