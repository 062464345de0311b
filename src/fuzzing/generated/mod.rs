//! Layers that are generated: any dialect and style, any type of entry, odd names, odd tars, and single changes whose
//! verdict is known.
//!
//! What is expected comes from how a layer was made, with builders that share no code with the parsers. A layer as it
//! was generated is accepted by everything that reads layers, and comes back: the same tar, the same entries, however reads
//! are cut. A layer with one change of the catalogue is refused, and the rule that the change breaks is among the findings. A part of
//! the layers are of eStargz.

mod estargz;
mod oracle;
mod plan;

#[cfg(test)]
mod tests;

use arbitrary::{Arbitrary, Result, Unstructured};

use self::{estargz::Shape, plan::Recipe};
use crate::{
    forge::{
        catalogue::{Row, rows},
        layer::Layer,
        toc::Style,
    },
    format::{
        Dialect, Findings,
        layer::{Source, reconstruct, verify},
    },
    rules::Rule,
};

/// A generated layer, and what a reader has to make of it.
pub struct Generated {
    recipe: Recipe,
    /// How it is a layer of eStargz, if it is one.
    estargz: Option<Shape>,
    change: Option<&'static Row>,
    /// Which of several things is changed.
    which: usize,
    /// The lengths of the pieces in which a tar is handed over.
    cuts: Vec<u8>,
}

impl<'a> Arbitrary<'a> for Generated {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kind: u8 = u.arbitrary()?;
        let estargz = (kind >= 0xc0).then(|| Shape::of(kind >> 1));
        let change = if kind & 1 == 1 { row(u.arbitrary()?) } else { None };
        Ok(Self {
            estargz,
            change,
            which: u.arbitrary::<u8>()?.into(),
            cuts: u.arbitrary::<[u8; 3]>()?.to_vec(),
            recipe: match estargz {
                None => Recipe::arbitrary(u)?,
                Some(_) => Recipe::of(Dialect::G1, Style::Stargz, u)?,
            },
        })
    }
}

/// The row of the catalogue that a number stands for.
fn row(number: u32) -> Option<&'static Row> {
    let at = usize::try_from(number).ok()?.checked_rem(rows().count())?;
    rows().nth(at)
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
    let result = match generated.refused() {
        Some(refused) => refused.map(|_| ()),
        // Where there is nothing to change, the layer is as it was generated.
        None => generated.accepted(),
    };
    if let Err(problem) = result {
        let change = generated
            .change
            .map_or_else(String::new, |row| format!(" with {}", row.name));
        let form = generated
            .estargz
            .map_or_else(String::new, |shape| format!("{shape:?} of "));
        panic!("{form}{}{change}: {problem}", generated.recipe.describe());
    }
}

impl Generated {
    /// Whether readers accept the layer without its change, and get what was put into it.
    fn accepted(&self) -> std::result::Result<(), String> {
        match self.estargz {
            Some(shape) => shape.accepted(&self.recipe),
            None => oracle::accepted(&self.recipe, &self.cuts),
        }
    }

    /// The rule that is found to be broken by the change; none without a change.
    fn refused(&self) -> Option<std::result::Result<Rule, String>> {
        let change = self.change?;
        if let Some(shape) = self.estargz {
            return shape.refused(&self.recipe, change, self.which);
        }
        let layer = change.layer(&self.recipe.plan, &|plan| self.recipe.parts_of(plan), self.which)?;
        let refused = layer
            .map_err(|error| error.to_string())
            .and_then(|layer| refused(&layer, change.rule));
        Some(refused.map(|()| change.rule))
    }
}

/// Whether the layer is refused with this rule among the findings.
fn refused(layer: &Layer, rule: Rule) -> std::result::Result<(), String> {
    let blob = layer.blob.as_slice();
    let source = Source::new(&blob, Some(&layer.annotations));
    let mut findings = Findings::new();
    drop(verify(&source, &mut findings).map_err(|error| error.to_string())?);
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
    // Annotations that differ from a footer are the cause of a position without its frame.
    let cause = (rule == Rule::PositionFrame).then_some(Rule::FooterAgrees);
    if findings.breaks(rule) || cause.is_some_and(|cause| findings.breaks(cause)) {
        Ok(())
    } else {
        Err(format!(
            "expected {rule} among the findings, found {:?}",
            findings.list()
        ))
    }
}
