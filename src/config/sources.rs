//! Where a value comes from: flag, then variable, then TOML file, then default. A complaint names the setting in the form
//! in which it was set.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretString;

use super::cli::Flags;
use super::parse::Takes;
use super::table::{self, Setting};

/// A setting that cannot be used: one line for the person who starts the gateway.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct ConfigError {
    /// As it was set: `--listen`, `GATEWAY_LISTEN`, `listen in gateway.toml`.
    pub setting: String,
    /// What is wrong, or what the setting takes.
    pub problem: String,
}

impl ConfigError {
    pub(super) fn new(setting: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { setting: setting.into(), problem: problem.into() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Flag,
    Variable,
    File,
}

const ORDER: [Place; 3] = [Place::Flag, Place::Variable, Place::File];

/// Looks up a variable of the environment.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

pub struct Sources<'a> {
    flags: &'a Flags,
    variables: Variables<'a>,
    /// Path as given, for messages.
    file_name: String,
    file: BTreeMap<String, String>,
    pub sites: Vec<toml::Table>,
}

impl<'a> Sources<'a> {
    /// Reads the TOML file, if one is named.
    pub fn open(flags: &'a Flags, variables: Variables<'a>) -> Result<Self, ConfigError> {
        let mut sources = Self { flags, variables, file_name: String::new(), file: BTreeMap::new(), sites: Vec::new() };
        let Some((path, place)) = sources.find("config") else { return Ok(sources) };
        let form = sources.form_at(place, "config");
        let text = read_file(&form, &path)?;
        let table: toml::Table = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            ConfigError::new(format!("{path} line {line}"), one_line(error.message()))
        })?;
        sources.file_name = path;
        for (key, value) in table {
            sources.take_key(key, value)?;
        }
        Ok(sources)
    }

    fn take_key(&mut self, key: String, value: toml::Value) -> Result<(), ConfigError> {
        let name = format!("{} in {}", one_line(&key), self.file_name);
        if key == "site" {
            let tables = match value {
                toml::Value::Array(items) => items.into_iter().map(|item| item.try_into()).collect(),
                _ => Ok(Vec::new()),
            };
            self.sites = tables
                .ok()
                .filter(|tables: &Vec<_>| !tables.is_empty())
                .ok_or_else(|| ConfigError::new(&name, "is written as [[site]], once for each Jira"))?;
            return Ok(());
        }
        let known = table::ALL.iter().flat_map(|setting| [Some(setting.flag), setting.file]).flatten();
        if !known.filter(|flag| *flag != "config").any(|flag| table::key(flag) == key) {
            return Err(ConfigError::new(name, "is not a setting of this version; --help lists them"));
        }
        let text = text_of(value).ok_or_else(|| ConfigError::new(name, "takes one value, not a table"))?;
        self.file.insert(key, text);
        Ok(())
    }

    /// The value that was set, or the default.
    pub fn get<T>(&self, flag: &str, parse: impl Fn(&str) -> Result<T, Takes>) -> Result<T, ConfigError> {
        match self.optional(flag, &parse)? {
            Some(value) => Ok(value),
            None => {
                let default = Setting::find(flag).and_then(Setting::default_text).unwrap_or_default();
                parse(default).map_err(|takes| ConfigError::new(self.form(flag), takes))
            }
        }
    }

    /// The value, where one was set.
    pub fn optional<T>(&self, flag: &str, parse: impl Fn(&str) -> Result<T, Takes>) -> Result<Option<T>, ConfigError> {
        let Some((text, place)) = self.find(flag) else { return Ok(None) };
        parse(text.trim()).map(Some).map_err(|takes| ConfigError::new(self.form_at(place, flag), takes))
    }

    /// A secret, or the content of the file that is named instead of it.
    pub fn secret(
        &self,
        flag: &str,
        check: impl Fn(&str) -> Result<(), Takes>,
    ) -> Result<Option<SecretString>, ConfigError> {
        let file_flag = format!("{flag}-file");
        for place in ORDER {
            let (form, file_form) = (self.form_at(place, flag), self.form_at(place, &file_flag));
            let (form, text) = match (self.at(place, flag), self.at(place, &file_flag)) {
                (None, None) => continue,
                (Some(_), Some(_)) => {
                    return Err(ConfigError::new(form, format!("is set twice; remove it or {file_form}")));
                }
                (Some(text), None) => (form, text),
                (None, Some(path)) => {
                    let text = read_file(&file_form, &path)?;
                    (file_form, text)
                }
            };
            let text = text.trim();
            if text.is_empty() {
                return Err(ConfigError::new(form, "is empty"));
            }
            check(text).map_err(|takes| ConfigError::new(form, takes))?;
            return Ok(Some(SecretString::from(text)));
        }
        Ok(None)
    }

    /// The name of a setting in the form in which it was set, maybe by its file; the variable when it was not.
    pub fn form(&self, flag: &str) -> String {
        let file = Setting::find(flag).and_then(|setting| setting.file);
        let set = [Some(flag), file].into_iter().flatten().find_map(|flag| Some((flag, self.find(flag)?.1)));
        let (flag, place) = set.unwrap_or((flag, Place::Variable));
        self.form_at(place, flag)
    }

    /// What is said where one setting is of no use without another.
    pub fn needs(&self, given: &str, missing: &str) -> ConfigError {
        ConfigError::new(self.form(given), format!("needs {} as well", self.form(missing)))
    }

    /// How the `number`th `[[site]]` table is called.
    pub fn site_form(&self, number: usize) -> String {
        format!("[[site]] {number} in {}", self.file_name)
    }

    fn find(&self, flag: &str) -> Option<(String, Place)> {
        ORDER.into_iter().find_map(|place| Some((self.at(place, flag)?, place)))
    }

    fn at(&self, place: Place, flag: &str) -> Option<String> {
        match place {
            Place::Flag => self.flags.get(flag).map(str::to_owned),
            Place::Variable => (self.variables)(&table::variable(flag)).filter(|text| !text.is_empty()),
            Place::File => self.file.get(&table::key(flag)).cloned(),
        }
    }

    fn form_at(&self, place: Place, flag: &str) -> String {
        match place {
            Place::Flag => format!("--{flag}"),
            Place::Variable => table::variable(flag),
            Place::File => format!("{} in {}", table::key(flag), self.file_name),
        }
    }
}

/// The text of a file that a setting names.
pub fn read_file(form: &str, path: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(Path::new(path))
        .map_err(|error| ConfigError::new(form, format!("cannot read {path:?}: {}", one_line(&error.to_string()))))
}

/// A TOML value as it would be written in a variable; `None` for tables.
pub fn text_of(value: toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text),
        toml::Value::Array(items) => {
            items.into_iter().map(text_of).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        toml::Value::Table(_) => None,
        other => Some(other.to_string()),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
