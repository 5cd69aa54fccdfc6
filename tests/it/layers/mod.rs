//! Who may import whom: reads the source and names the line that breaks a rule of the map in `main.rs`, or that
//! closes a circle of files within a folder.

mod circles;
mod paths;
mod rules;
mod source;
