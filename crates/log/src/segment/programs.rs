//! The programs of a segment: one row for each, numbered as the tenures name them.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arrow_array::builder::{ListBuilder, StringBuilder, StructBuilder, UInt32Builder};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampNanosecondType, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, ListArray, RecordBatch, StringArray, TimestampNanosecondArray, UInt32Array,
    UInt64Array,
};
use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, PageIndexPolicy, ParquetMetaDataReader};
use sockets::{Ancestor, BootTime, Pid, Place, Process, Program, ProgramKey, User};

use super::checked::{self, Checked};
use super::schema;
use super::summary::{self, Summary};
use super::text::{bytes, text};
use crate::{Batch, Error};

/// The file of the programs of `batch`, with `key` in its footer.
pub(super) fn encode(batch: &Batch, key: KeyValue) -> Result<Vec<u8>, ParquetError> {
    let options = ArrowWriterOptions::new()
        .with_properties(schema::program_properties())
        .with_skip_arrow_metadata(true)
        .with_schema_root("programs".to_owned());
    let schema = Arc::new(programs_schema());
    let mut file = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(&schema), options)?;
    let columns = columns(batch);
    let rows = RecordBatch::try_new(schema, columns).map_err(ParquetError::from)?;
    file.write(&rows)?;
    file.flush()?;
    file.sync()?; // its writer holds up to 8 kB back
    let data = file.inner().len();
    let sums = checked::key(file.inner());
    file.append_key_value_metadata(key);
    file.append_key_value_metadata(sums);
    let mut content = file.into_inner()?;
    checked::complete(&mut content, data);
    Ok(content)
}

/// Reads the programs with these numbers, ascending, from the file of a `segment`.
///
/// # Errors
/// [`Error`] if the file cannot be read or is damaged.
pub(super) fn some(
    path: &Path,
    segment: u64,
    numbers: &[u32],
) -> Result<HashMap<u32, Arc<Program>>, Error> {
    let file = Checked::open(path)?;
    let read = read(file, Some((segment, numbers))).map_err(Error::parquet("read", path))?;
    Ok(numbers.iter().copied().zip(read.into_iter().map(Arc::new)).collect())
}

/// What a file of programs says of its segment, which is what the one of the tenures says.
///
/// # Errors
/// [`Error`] if the file cannot be read or is damaged.
pub(super) fn summary(path: &Path) -> Result<Summary, Error> {
    let file = Checked::open(path)?;
    let footer = ParquetMetaDataReader::new().parse_and_finish(&file);
    let footer = footer.map_err(Error::parquet("read", path))?;
    let damaged = |why| Error::Damaged { path: path.to_owned(), why };
    Summary::read(footer.file_metadata()).map_err(damaged)
}

/// Reads the programs with these numbers from the file of a segment, or all of any.
pub(super) fn read(
    file: Checked,
    wanted: Option<(u64, &[u32])>,
) -> Result<Vec<Program>, ParquetError> {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    let mut reader = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?;
    let given = reader.schema();
    if given.fields() != programs_schema().fields() {
        return Err(ParquetError::General("its columns are not those of programs".to_owned()));
    }
    if let Some((segment, numbers)) = wanted {
        let about = reader.metadata().file_metadata();
        let strange = |why: &str| ParquetError::General(why.to_owned());
        summary::check_number(about, segment).map_err(strange)?;
        let total = usize::try_from(reader.metadata().file_metadata().num_rows());
        let total = total.map_err(|_| ParquetError::General("it is too long".to_owned()))?;
        if numbers.iter().any(|number| *number as usize >= total) {
            return Err(ParquetError::General("a program is not in it".to_owned()));
        }
        let ranges = numbers.iter().map(|number| *number as usize..*number as usize + 1);
        reader = reader.with_row_selection(RowSelection::from_consecutive_ranges(ranges, total));
    }
    let mut programs = Vec::new();
    for batch in reader.build()? {
        let rows = Rows::of(&batch?)?;
        programs.extend((0..rows.pid.len()).map(|at| rows.program(at)));
    }
    if wanted.is_some_and(|(_, numbers)| numbers.len() != programs.len()) {
        return Err(ParquetError::EOF("it has too few rows".to_owned()));
    }
    Ok(programs)
}

fn programs_schema() -> Schema {
    let required = |name: &str, kind| Field::new(name, kind, false);
    let optional = |name: &str, kind| Field::new(name, kind, true);
    let utc = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let list = |item| DataType::List(Arc::new(Field::new("element", item, false)));
    Schema::new(vec![
        required("segment", DataType::UInt64),
        required("program", DataType::UInt32),
        required("pid", DataType::UInt32),
        required("comm", DataType::Utf8),
        optional("exe", DataType::Utf8),
        optional("cmdline", list(DataType::Utf8)),
        required("uid", DataType::UInt32),
        optional("user", DataType::Utf8),
        optional("unit", DataType::Utf8),
        optional("container", DataType::Utf8),
        required("cgroup", DataType::Utf8),
        required("started", utc),
        required("start_ticks", DataType::UInt64),
        required("exec", DataType::UInt32),
        required("since_boot_ns", DataType::UInt64),
        required("ancestry", list(DataType::Struct(ancestor_fields()))),
    ])
}

fn ancestor_fields() -> Fields {
    Fields::from(vec![
        Field::new("pid", DataType::UInt32, false),
        Field::new("comm", DataType::Utf8, false),
    ])
}

fn columns(batch: &Batch) -> Vec<ArrayRef> {
    let all = || batch.programs.iter();
    let processes = || all().map(|program| &program.process);
    let places = || processes().map(|process| &process.place);
    let texts = |values: Vec<Option<String>>| Arc::new(StringArray::from(values)) as ArrayRef;
    let exe = |process: &Process| process.exe.as_ref().map(|exe| text(exe.as_os_str().as_bytes()));
    let name = |name: &Option<Arc<str>>| name.as_deref().map(str::to_owned);
    let uids: UInt32Array = processes().map(|process| Some(process.user.uid)).collect();
    let numbers = || 0..u32::try_from(batch.programs.len()).unwrap_or(u32::MAX);
    let started = processes().map(|process| nanoseconds(process.started));
    vec![
        Arc::new(numbers().map(|_| Some(batch.number)).collect::<UInt64Array>()),
        Arc::new(numbers().map(Some).collect::<UInt32Array>()),
        Arc::new(all().map(|program| Some(program.key.pid.0)).collect::<UInt32Array>()),
        texts(processes().map(|process| Some(text(&process.comm))).collect()),
        texts(processes().map(exe).collect()),
        Arc::new(cmdlines(batch)),
        Arc::new(uids),
        texts(processes().map(|process| name(&process.user.name)).collect()),
        texts(places().map(|place| name(&place.unit)).collect()),
        texts(places().map(|place| name(&place.container)).collect()),
        texts(places().map(|place| Some(place.cgroup.to_string())).collect()),
        Arc::new(TimestampNanosecondArray::from_iter_values(started).with_timezone("UTC")),
        Arc::new(all().map(|program| Some(program.key.start_ticks)).collect::<UInt64Array>()),
        Arc::new(all().map(|program| Some(program.key.exec)).collect::<UInt32Array>()),
        Arc::new(all().map(|program| Some(program.since.0)).collect::<UInt64Array>()),
        Arc::new(ancestries(batch)),
    ]
}

fn cmdlines(batch: &Batch) -> ListArray {
    let element = Field::new("element", DataType::Utf8, false);
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(element);
    for program in &batch.programs {
        for argument in program.process.cmdline.iter().flatten() {
            lists.values().append_value(text(argument));
        }
        lists.append(program.process.cmdline.is_some());
    }
    lists.finish()
}

fn ancestries(batch: &Batch) -> ListArray {
    let element = Field::new("element", DataType::Struct(ancestor_fields()), false);
    let mut lists = ListBuilder::new(StructBuilder::from_fields(ancestor_fields(), 0));
    lists = lists.with_field(element);
    for program in &batch.programs {
        for ancestor in &program.process.ancestry {
            let fields = lists.values();
            if let Some(pids) = fields.field_builder::<UInt32Builder>(0) {
                pids.append_value(ancestor.pid.0);
            }
            if let Some(names) = fields.field_builder::<StringBuilder>(1) {
                names.append_value(text(&ancestor.comm));
            }
            fields.append(true);
        }
        lists.append(true);
    }
    lists.finish()
}

/// Nanoseconds since 1970, at the edge of what 64 bits hold where it is beyond (1677 to 2262).
fn nanoseconds(time: SystemTime) -> i64 {
    let saturated = |since: Duration| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => saturated(since),
        Err(before) => -saturated(before.duration()),
    }
}

/// Some rows of the file, their columns apart.
struct Rows {
    pid: UInt32Array,
    comm: StringArray,
    exe: StringArray,
    cmdline: ListArray,
    uid: UInt32Array,
    user: StringArray,
    unit: StringArray,
    container: StringArray,
    cgroup: StringArray,
    started: TimestampNanosecondArray,
    start_ticks: UInt64Array,
    exec: UInt32Array,
    since: UInt64Array,
    ancestry: ListArray,
}

impl Rows {
    /// The columns of `batch`, whose schema has been found to be that of programs.
    fn of(batch: &RecordBatch) -> Result<Rows, ParquetError> {
        let column = |name: &str| {
            let missing = || ParquetError::General(format!("it has no column {name}"));
            batch.column_by_name(name).ok_or_else(missing)
        };
        Ok(Rows {
            pid: column("pid")?.as_primitive().clone(),
            comm: column("comm")?.as_string().clone(),
            exe: column("exe")?.as_string().clone(),
            cmdline: column("cmdline")?.as_list().clone(),
            uid: column("uid")?.as_primitive().clone(),
            user: column("user")?.as_string().clone(),
            unit: column("unit")?.as_string().clone(),
            container: column("container")?.as_string().clone(),
            cgroup: column("cgroup")?.as_string().clone(),
            started: column("started")?.as_primitive::<TimestampNanosecondType>().clone(),
            start_ticks: column("start_ticks")?.as_primitive::<UInt64Type>().clone(),
            exec: column("exec")?.as_primitive::<UInt32Type>().clone(),
            since: column("since_boot_ns")?.as_primitive::<UInt64Type>().clone(),
            ancestry: column("ancestry")?.as_list().clone(),
        })
    }

    fn program(&self, at: usize) -> Program {
        let pid = Pid(self.pid.value(at));
        let start_ticks = self.start_ticks.value(at);
        Program {
            key: ProgramKey { pid, start_ticks, exec: self.exec.value(at) },
            since: BootTime(self.since.value(at)),
            process: Process {
                pid,
                start_ticks,
                started: moment(self.started.value(at)),
                comm: bytes(self.comm.value(at)),
                exe: optional(&self.exe, at).map(|exe| OsString::from_vec(bytes(exe)).into()),
                cmdline: self.cmdline.is_valid(at).then(|| arguments(&self.cmdline.value(at))),
                user: User {
                    uid: self.uid.value(at),
                    name: optional(&self.user, at).map(Arc::from),
                },
                ancestry: ancestors(&self.ancestry.value(at)),
                place: Place {
                    cgroup: Arc::from(self.cgroup.value(at)),
                    unit: optional(&self.unit, at).map(Arc::from),
                    container: optional(&self.container, at).map(Arc::from),
                },
            },
        }
    }
}

fn optional(column: &StringArray, at: usize) -> Option<&str> {
    column.is_valid(at).then(|| column.value(at))
}

fn arguments(list: &ArrayRef) -> Vec<Vec<u8>> {
    list.as_string::<i32>().iter().flatten().map(bytes).collect()
}

fn ancestors(list: &ArrayRef) -> Vec<Ancestor> {
    let fields = list.as_struct();
    let pids = fields.column(0).as_primitive::<UInt32Type>();
    let names = fields.column(1).as_string::<i32>();
    let both = pids.values().iter().zip(names.iter());
    both.map(|(pid, comm)| Ancestor { pid: Pid(*pid), comm: bytes(comm.unwrap_or("")) }).collect()
}

fn moment(nanoseconds: i64) -> SystemTime {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    let moment = if nanoseconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    moment.unwrap_or(SystemTime::UNIX_EPOCH)
}
