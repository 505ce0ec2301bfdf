//! The guard and the client, against servers on loopback that stand in for
//! public ones.
#![cfg(test)]

mod bodies;
mod changing;
mod every_form;
mod private;
mod proxy;
mod redirects;
mod support;
mod table;
