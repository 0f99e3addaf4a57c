//! What the kernel says of this process, from `proc_pid_status(5)`.

/// The value of a field of `/proc/self/status`, such as `VmRSS`; `None` where the kernel does not tell.
pub(crate) fn field(name: &str) -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mut fields = status.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(field, _)| *field == name)?;
    Some(value.trim().to_owned())
}
