//! Tests of the checks on made-up machines.
