//! The pilot, under connects of programs that know nothing of it.

mod attach;
mod choice;
mod kept;
mod manners;
mod policy;
mod scene;
mod waiting;
