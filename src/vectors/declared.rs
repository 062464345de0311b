//! What an implementation declares: its operations, each with its dialects.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    marker::PhantomData,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error, MapAccess, Visitor},
};

use super::{LayerFormat, Op};

/// The operations of an implementation, each with the dialects that it reads or writes there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Declared(BTreeMap<Op, BTreeSet<LayerFormat>>);

impl Declared {
    /// Whether the implementation has the operation in one of these dialects.
    pub fn has(&self, op: Op, dialects: &[LayerFormat]) -> bool {
        let declared = self.0.get(&op);
        declared.is_some_and(|declared| dialects.iter().any(|dialect| declared.contains(dialect)))
    }

    /// The operations with their dialects.
    pub fn iter(&self) -> impl Iterator<Item = (Op, &BTreeSet<LayerFormat>)> {
        self.0.iter().map(|(&op, dialects)| (op, dialects))
    }
}

impl FromIterator<(Op, BTreeSet<LayerFormat>)> for Declared {
    fn from_iter<I: IntoIterator<Item = (Op, BTreeSet<LayerFormat>)>>(declared: I) -> Self {
        Self(declared.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for Declared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let lists: BTreeMap<Op, Vec<LayerFormat>> = each_once(deserializer)?;
        let mut declared = BTreeMap::new();
        for (op, list) in lists {
            let count = list.len();
            let dialects: BTreeSet<LayerFormat> = list.into_iter().collect();
            if dialects.len() != count {
                return Err(D::Error::custom(format_args!("a dialect of {op} is listed twice")));
            }
            declared.insert(op, dialects);
        }
        Ok(Self(declared))
    }
}

impl JsonSchema for Declared {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Declared".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": generator.subschema_for::<Op>(),
            "additionalProperties": generator.subschema_for::<BTreeSet<LayerFormat>>(),
        })
    }
}

/// A map in which no key occurs twice; serde itself takes the last value.
pub(crate) fn each_once<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: DeserializeOwned + Ord,
    V: DeserializeOwned,
{
    struct EachOnce<K, V>(PhantomData<(K, V)>);

    impl<'de, K: DeserializeOwned + Ord, V: DeserializeOwned> Visitor<'de> for EachOnce<K, V> {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut values = BTreeMap::new();
            while let Some((key, value)) = map.next_entry()? {
                if values.insert(key, value).is_some() {
                    return Err(A::Error::custom("duplicate key"));
                }
            }
            Ok(values)
        }
    }

    deserializer.deserialize_map(EachOnce(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::Declared;
    use crate::vectors::{LayerFormat, Op};

    #[test]
    fn a_dialect_is_declared_for_one_operation() {
        let declared: Declared =
            serde_json::from_str(r#"{"toc/parse":["g1"],"layer/index":["g5","estargz"]}"#).unwrap();
        for (op, dialects, expected) in [
            (Op::TocParse, &[LayerFormat::G1][..], true),
            (Op::TocParse, &[LayerFormat::G5, LayerFormat::G1], true),
            (Op::TocParse, &[LayerFormat::G5], false),
            (Op::LayerIndex, &[LayerFormat::G5], true),
            (Op::LayerIndex, &[], false),
            (Op::FooterParse, &[LayerFormat::G1], false),
        ] {
            assert_eq!(declared.has(op, dialects), expected, "{op} {dialects:?}");
        }
        for twice in [
            r#"{"toc/parse":["g1"],"toc/parse":["g2"]}"#,
            r#"{"toc/parse":["g1","g1"]}"#,
        ] {
            assert!(serde_json::from_str::<Declared>(twice).is_err(), "{twice}");
        }
    }
}
