//! `--device` of the examples.

use burn_bayes::DeviceTable;

/// Takes a device's name from the command line; `list` prints what there is and ends the program.
pub fn device_name(name: &str) -> Result<String, String> {
    if name == "list" {
        print!("{}", DeviceTable::of_this_machine());
        std::process::exit(0);
    }
    Ok(name.into())
}
