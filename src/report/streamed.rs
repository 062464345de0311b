//! Reports that can be longer than what they are about: they are printed while they are made, and never kept whole.

use std::{collections::BTreeMap, io};

use serde_json::Value;

/// Takes the next lines of a report.
pub(crate) type Sink<'s> = dyn FnMut(&str) -> io::Result<()> + 's;

/// What a command reports about a layer.
pub(crate) trait LayerReport {
    /// For people.
    ///
    /// # Errors
    ///
    /// Those of the sink, and of a layer that is read again for its report.
    fn text(&self, out: &mut Sink<'_>) -> io::Result<()>;

    /// As JSON.
    fn json(&self) -> Object<'_>;
}

/// A report that is short enough to be kept.
pub(crate) struct Short {
    /// For people.
    pub(crate) text: String,
    /// As JSON, an object.
    pub(crate) json: Value,
}

impl LayerReport for Short {
    fn text(&self, out: &mut Sink<'_>) -> io::Result<()> {
        out(&self.text)
    }

    fn json(&self) -> Object<'_> {
        Object::of(self.json.clone())
    }
}

/// Takes the next item of a list.
pub(crate) type Items<'s> = dyn FnMut(Value) -> io::Result<()> + 's;

/// A JSON object, some of whose members are lists of any length. Members are in the order of their names.
pub(crate) struct Object<'a> {
    members: BTreeMap<String, Member<'a>>,
}

type List<'a> = dyn Fn(&mut Items<'_>) -> io::Result<()> + 'a;

enum Member<'a> {
    Value(Value),
    /// Gives its items one by one.
    List(Box<List<'a>>),
}

impl<'a> Object<'a> {
    /// The object that this value is.
    pub(crate) fn of(value: Value) -> Self {
        let members = match value {
            Value::Object(members) => members,
            _ => serde_json::Map::new(),
        };
        Self {
            members: members
                .into_iter()
                .map(|(name, value)| (name, Member::Value(value)))
                .collect(),
        }
    }

    /// Adds a member.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), Member::Value(value));
    }

    /// Adds a list.
    pub(crate) fn set_list(&mut self, name: &str, list: impl Fn(&mut Items<'_>) -> io::Result<()> + 'a) {
        self.members.insert(name.to_owned(), Member::List(Box::new(list)));
    }

    /// Writes it as `serde_json` does, indented for people, so many levels deep.
    pub(crate) fn write(&self, level: usize, out: &mut Sink<'_>) -> io::Result<()> {
        let mut before = "{";
        for (name, member) in &self.members {
            let name = Value::from(name.as_str());
            out(&format!("{before}\n{:1$}{name}: ", "", indent(level + 1)))?;
            match member {
                Member::Value(value) => out(&indented(value, level + 1))?,
                Member::List(list) => {
                    let mut before = "[";
                    list(&mut |item| {
                        out(&format!("{before}\n{:1$}", "", indent(level + 2)))?;
                        before = ",";
                        out(&indented(&item, level + 2))
                    })?;
                    match before {
                        "[" => out("[]")?,
                        _ => out(&format!("\n{:1$}]", "", indent(level + 1)))?,
                    }
                }
            }
            before = ",";
        }
        match before {
            "{" => out("{}"),
            _ => out(&format!("\n{:1$}}}", "", indent(level))),
        }
    }
}

/// Spaces at the start of a line so many levels deep.
const fn indent(level: usize) -> usize {
    level * 2
}

/// The value so many levels deep. No text in JSON has a line feed.
fn indented(value: &Value, level: usize) -> String {
    let text = format!("{value:#}");
    if level == 0 {
        return text;
    }
    text.replace('\n', &format!("\n{:1$}", "", indent(level)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Object;

    fn written(object: &Object<'_>, level: usize) -> String {
        let mut out = String::new();
        object
            .write(level, &mut |text| {
                out.push_str(text);
                Ok(())
            })
            .unwrap();
        out
    }

    #[test]
    fn lists_are_written_as_values_are() {
        let empty = json!({"a": [], "b": {}});
        for items in [
            vec![],
            vec![json!(1)],
            vec![json!({"a": ["b\nc"], "d": null}), empty, json!("\n")],
        ] {
            let rest = json!({"a": {"b": [1, {"c": "\n"}]}, "z": []});
            let mut object = Object::of(rest.clone());
            let given = items.clone();
            object.set_list("m", move |see| given.iter().cloned().try_for_each(&mut *see));
            let mut whole = rest;
            whole["m"] = Value::from(items);
            assert_eq!(written(&object, 0), format!("{whole:#}"));
            assert_eq!(
                format!("[\n  {}\n]", written(&object, 1)),
                format!("{:#}", json!([whole]))
            );
        }
        assert_eq!(written(&Object::of(json!({})), 0), "{}");
    }
}
