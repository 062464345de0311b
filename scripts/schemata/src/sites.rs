//! Finds the code that each mutant changes, and writes it so that a switch decides. An operand is written once, whatever the
//! number of mutants of its operator, so that the text of nested operators does not grow by powers.

use std::{collections::BTreeMap, ops::Range};

use syn::{
    Arm, BinOp, Block, ConstParam, Expr, ExprBinary, ExprConst, ExprMatch, ExprRepeat, ExprStruct, ExprUnary, File,
    GenericArgument, ImplItemConst, ImplItemFn, ItemConst, ItemFn, ItemStatic, ReturnType, Signature, TraitItemConst,
    TraitItemFn, Type, TypeArray, UnOp, Variant,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{
    Mutant,
    rewrite::{Piece, Site},
};

/// Mutants by where the code begins that they change, and their kind.
type Places<'a> = BTreeMap<(usize, &'a str), Vec<&'a Mutant>>;

/// The sites of a file.
///
/// A constant function cannot look at a switch, so it becomes an ordinary one, unless its name is one of `constant`.
pub(crate) fn find(file: &File, text: &str, places: &Places<'_>, constant: &[String]) -> Vec<Site> {
    let mut finder = Finder {
        text,
        constant,
        places,
        sites: Vec::new(),
    };
    finder.visit_file(file);
    finder.sites
}

struct Finder<'a> {
    text: &'a str,
    places: &'a Places<'a>,
    constant: &'a [String],
    sites: Vec<Site>,
}

fn bytes(node: &impl Spanned) -> Range<usize> {
    node.span().byte_range()
}

fn on(mutant: &Mutant) -> String {
    format!("crate::format::switched::on({})", mutant.number)
}

fn numbers(mutants: &[&Mutant]) -> Vec<u32> {
    mutants.iter().map(|mutant| mutant.number).collect()
}

/// `if` one mutant is on, what it makes, and so for each; `plain` if none is.
fn choose(mutants: &[&Mutant], made: impl Fn(&Mutant) -> String, plain: &str) -> String {
    let mut text = String::new();
    for mutant in mutants {
        text += &format!("if {} {{ {} }} else ", on(mutant), made(mutant));
    }
    text + &format!("{{ {plain} }}")
}

fn new(text: impl Into<String>) -> Piece {
    Piece::New(text.into())
}

/// Whether an operand of a chain of `&&` is a `let`, which stands in a chain alone.
fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(ExprBinary {
            left,
            op: BinOp::And(_),
            right,
            ..
        }) => has_let(left) || has_let(right),
        _ => false,
    }
}

impl<'a> Finder<'a> {
    fn mutants(&self, start: usize, genre: &str) -> &'a [&'a Mutant] {
        // The lifetime of the key is that of the genres in the map.
        self.places
            .iter()
            .find(|((at, kind), _)| *at == start && *kind == genre)
            .map_or(&[], |(_, mutants)| mutants)
    }

    fn site(&mut self, range: Range<usize>, depth: u8, mutants: Vec<u32>, pieces: Vec<Piece>) {
        self.sites.push(Site {
            range,
            depth,
            pieces,
            mutants,
        });
    }

    /// A function that returns early if one of its mutants is on.
    fn body(&mut self, block: &Block) {
        let Some(first) = block.stmts.first() else { return };
        let start = bytes(first).start;
        let mutants = self.mutants(start, "FnValue");
        for mutant in mutants {
            let text = format!("if {} {{ return {}; }} ", on(mutant), mutant.replacement);
            self.site(start..start, 0, vec![mutant.number], vec![new(text)]);
        }
    }

    /// An arm, and the mutants that delete it.
    fn arm(&mut self, arm: &Arm, deleted: &[&Mutant]) {
        let stays = deleted
            .iter()
            .map(|mutant| format!("!{}", on(mutant)))
            .collect::<Vec<_>>()
            .join(" && ");
        match &arm.guard {
            None if !deleted.is_empty() => {
                let end = bytes(&arm.pat).end;
                self.site(end..end, 0, numbers(deleted), vec![new(format!(" if {stays}"))]);
            }
            Some((_, guard)) if !has_let(guard) => {
                let range = bytes(&**guard);
                let replaced = self.mutants(range.start, "MatchGuard");
                let replaced = if replaced.is_empty() {
                    self.mutants(range.start, "MatchArmGuard")
                } else {
                    replaced
                };
                let mut before = String::new();
                for mutant in replaced {
                    before += &match &*mutant.replacement {
                        "true" => format!("{} || ", on(mutant)),
                        _ => format!("!{} && ", on(mutant)),
                    };
                }
                // `true` is first in the list, and `a || b && c` is `a || (b && c)`.
                let stays = if stays.is_empty() { "true".to_owned() } else { stays };
                if !(deleted.is_empty() && replaced.is_empty()) {
                    let all = [numbers(deleted), numbers(replaced)].concat();
                    let pieces = vec![
                        new(format!("{stays} && ({before}(")),
                        Piece::Old(range.clone()),
                        new("))"),
                    ];
                    self.site(range, 1, all, pieces);
                }
            }
            _ => {}
        }
    }

    fn function(&mut self, signature: &Signature, block: &Block, inner: impl FnOnce(&mut Self)) {
        if let Some(token) = &signature.constness {
            if self.constant.iter().any(|name| signature.ident == name) {
                return;
            }
            self.site(bytes(token), 0, Vec::new(), Vec::new());
        }
        // All ways out of a function have one type, which such a function does not name.
        if !matches!(&signature.output, ReturnType::Type(_, output) if matches!(**output, Type::ImplTrait(_))) {
            self.body(block);
        }
        inner(self);
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block, |finder| visit::visit_item_fn(finder, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block, |finder| visit::visit_impl_item_fn(finder, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block, |finder| visit::visit_trait_item_fn(finder, item));
        }
    }

    // Constants are made when the program is built.
    fn visit_item_const(&mut self, _: &'ast ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast TraitItemConst) {}
    fn visit_const_param(&mut self, _: &'ast ConstParam) {}
    fn visit_expr_const(&mut self, _: &'ast ExprConst) {}
    fn visit_type_array(&mut self, _: &'ast TypeArray) {}
    fn visit_variant(&mut self, _: &'ast Variant) {}
    fn visit_generic_argument(&mut self, _: &'ast GenericArgument) {}

    fn visit_expr_repeat(&mut self, repeat: &'ast ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        let mutants = self.mutants(bytes(&binary.op).start, "BinaryOperator");
        if !mutants.is_empty() {
            let (left, right) = (Piece::Old(bytes(&*binary.left)), Piece::Old(bytes(&*binary.right)));
            let op = self.text[bytes(&binary.op)].to_owned();
            let pieces = match binary.op {
                BinOp::And(_) | BinOp::Or(_) if has_let(&binary.left) || has_let(&binary.right) => Vec::new(),
                // `if a { b } else { false }` is `a && b`, and turned around it is `a || b`.
                BinOp::And(_) | BinOp::Or(_) => {
                    let and = matches!(binary.op, BinOp::And(_));
                    let all = mutants.iter().map(|mutant| on(mutant)).collect::<Vec<_>>().join(" || ");
                    vec![
                        new(format!("({{ let mutated = {all}; if (")),
                        left,
                        new(format!(") != (mutated == {and}) {{ ")),
                        right,
                        new(format!(" }} else {{ mutated == {and} }} }})")),
                    ]
                }
                BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
                    let chosen = choose(
                        mutants,
                        |mutant| format!("*left_ {} *right_", mutant.replacement),
                        &format!("*left_ {op} *right_"),
                    );
                    vec![
                        new("(match (&("),
                        left,
                        new("), &("),
                        right,
                        new(format!(")) {{ (left_, right_) => {chosen} }})")),
                    ]
                }
                BinOp::AddAssign(_)
                | BinOp::SubAssign(_)
                | BinOp::MulAssign(_)
                | BinOp::DivAssign(_)
                | BinOp::RemAssign(_)
                | BinOp::BitXorAssign(_)
                | BinOp::BitAndAssign(_)
                | BinOp::BitOrAssign(_)
                | BinOp::ShlAssign(_)
                | BinOp::ShrAssign(_) => {
                    let target = &self.text[bytes(&*binary.left)];
                    let chosen = choose(
                        mutants,
                        |mutant| format!("{target} {} right_", mutant.replacement),
                        &format!("{target} {op} right_"),
                    );
                    vec![new("match ("), right, new(format!(") {{ right_ => {chosen} }}"))]
                }
                _ => {
                    let chosen = choose(
                        mutants,
                        |mutant| format!("left_ {} right_", mutant.replacement),
                        &format!("left_ {op} right_"),
                    );
                    vec![
                        new("(match (("),
                        left,
                        new("), ("),
                        right,
                        new(format!(")) {{ (left_, right_) => {chosen} }})")),
                    ]
                }
            };
            if !pieces.is_empty() {
                self.site(bytes(binary), 2, numbers(mutants), pieces);
            }
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast ExprUnary) {
        let mutants = self.mutants(bytes(&unary.op).start, "UnaryOperator");
        if !mutants.is_empty() && matches!(unary.op, UnOp::Not(_) | UnOp::Neg(_)) {
            let op = &self.text[bytes(&unary.op)];
            let chosen = choose(mutants, |_| "operand_".to_owned(), &format!("{op}operand_"));
            let pieces = vec![
                new("(match ("),
                Piece::Old(bytes(&*unary.expr)),
                new(format!(") {{ operand_ => {chosen} }})")),
            ];
            self.site(bytes(unary), 2, numbers(mutants), pieces);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_match(&mut self, matching: &'ast ExprMatch) {
        self.visit_expr(&matching.expr);
        for (index, arm) in matching.arms.iter().enumerate() {
            // The last arm is for all that is left, which it no longer is if it has a guard.
            let is_last = index + 1 == matching.arms.len();
            self.arm(
                arm,
                if is_last {
                    &[]
                } else {
                    self.mutants(bytes(arm).start, "MatchArm")
                },
            );
            self.visit_arm(arm);
        }
    }

    fn visit_expr_struct(&mut self, item: &'ast ExprStruct) {
        if let Some(rest) = &item.rest {
            for field in &item.fields {
                let mutants = self.mutants(bytes(field).start, "StructField");
                let (Some(mutant), syn::Member::Named(name)) = (mutants.first(), &field.member) else {
                    continue;
                };
                let base = &self.text[bytes(&**rest)];
                let pieces = vec![
                    new(format!("{name}: if {} {{ ({base}).{name} }} else {{ ", on(mutant))),
                    Piece::Old(bytes(&field.expr)),
                    new(" }"),
                ];
                self.site(bytes(field), 1, numbers(mutants), pieces);
            }
        }
        visit::visit_expr_struct(self, item);
    }
}
