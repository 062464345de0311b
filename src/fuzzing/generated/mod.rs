//! Layers that are generated: any dialect and style, any type of entry, odd names, odd tars, and single changes whose
//! verdict is known.
//!
//! What is expected comes from how a layer was made, with builders that share no code with the parsers. A layer as it
//! was generated is accepted by everything that reads layers, and comes back: the same tar, the same entries, however reads
//! are cut. A layer with one [`Change`] is refused, and the rule that the change breaks is among the findings.

mod broken;
mod oracle;
mod plan;

#[cfg(test)]
mod tests;

use arbitrary::{Arbitrary, Result, Unstructured};

pub use self::broken::Change;
use self::plan::Recipe;
use crate::{
    format::{
        Findings,
        layer::{Source, reconstruct, verify},
    },
    rules::Rule,
    vectors::build::layer::Layer,
};

/// A generated layer, and what a reader has to make of it.
pub struct Generated {
    recipe: Recipe,
    change: Option<Change>,
    /// Which of several things is changed.
    which: usize,
    /// The lengths of the pieces in which a tar is handed over.
    cuts: Vec<u8>,
}

impl<'a> Arbitrary<'a> for Generated {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let change = if u.arbitrary()? { Some(u.arbitrary()?) } else { None };
        Ok(Self {
            change,
            which: u.arbitrary::<u8>()?.into(),
            cuts: u.arbitrary::<[u8; 3]>()?.to_vec(),
            recipe: Recipe::arbitrary(u)?,
        })
    }
}

/// Generates a layer from bytes and checks the readers with it.
pub fn run(bytes: &[u8]) {
    if let Ok(generated) = Generated::arbitrary_take_rest(Unstructured::new(bytes)) {
        check(&generated);
    }
}

/// Checks everything that reads layers with a generated one.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn check(generated: &Generated) {
    let result = match &generated.broken() {
        Some((layer, rule)) => refused(layer, *rule),
        // Where there is nothing to change, the layer is as it was generated.
        None => oracle::accepted(&generated.recipe, &generated.cuts),
    };
    if let Err(problem) = result {
        let change = generated
            .change
            .map_or_else(String::new, |change| format!(" with {change:?}"));
        panic!("{}{change}: {problem}", generated.recipe.describe());
    }
}

impl Generated {
    /// The layer with its change, and the rule that it breaks; none without a change.
    fn broken(&self) -> Option<(Layer, Rule)> {
        self.change?.inflict(&self.recipe, self.which)
    }

    /// The layer: its blob and its annotations. Seeds of other targets are made of it.
    pub fn layer(&self) -> (Vec<u8>, std::collections::BTreeMap<String, String>) {
        let layer = match self.broken() {
            Some((layer, _)) => layer,
            None => self.recipe.parts().payloads().place().layer(),
        };
        (layer.blob, layer.annotations)
    }
}

/// Whether the layer is refused with this rule among the findings.
fn refused(layer: &Layer, rule: Rule) -> std::result::Result<(), String> {
    let blob = layer.blob.as_slice();
    let source = Source::new(&blob, Some(&layer.annotations));
    let mut findings = Findings::new();
    verify(&source, &mut findings).map_err(|error| error.to_string())?;
    if matches!(rule, Rule::NoTarSplit | Rule::FileCrc) {
        let mut of_tar = Findings::new();
        let rebuilt = reconstruct(&source, &mut of_tar, &mut std::io::sink()).map_err(|error| error.to_string())?;
        if rebuilt.is_some() {
            return Err(format!("expected {rule}, and the tar was rebuilt"));
        }
        // It takes someone who needs the tar-split.
        if rule == Rule::NoTarSplit {
            findings = of_tar;
        }
    }
    if findings.breaks(rule) {
        Ok(())
    } else {
        Err(format!(
            "expected {rule} among the findings, found {:?}",
            findings.list()
        ))
    }
}
