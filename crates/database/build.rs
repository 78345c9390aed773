//! Compiles the crate again when a migration changes: it embeds them.
fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
