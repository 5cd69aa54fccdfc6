//! What goes wrong around the program: processes killed, several at once.

mod kill;
mod provider;
mod race;
