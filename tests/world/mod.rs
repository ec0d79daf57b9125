//! (to come)

pub mod postgres;
