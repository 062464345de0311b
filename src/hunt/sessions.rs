//! The processes of the implementations, which are asked together.

use serde_json::Value;

use super::{
    Group,
    compare::{self, Reply},
};
use crate::{
    judge::check,
    rules::Rule,
    runner::{Allowance, Implementation, Session, StartError, Terms, interrupt, protocol::Hello},
    vectors::{CaseId, Op},
};

/// Implementations that are asked together.
pub struct Sessions<'a> {
    sessions: Vec<Session<'a>>,
    fine: bool,
}

impl<'a> Sessions<'a> {
    /// Those of these implementations, whose processes are `blind` as in [`Options`](super::Options). They start when there is something to ask.
    pub fn new(implementations: &'a [Implementation], allowance: Allowance, blind: bool) -> Self {
        Self::of(implementations, Terms { allowance, blind }, false, &[])
    }

    /// The same, where it is `known` what the first process of each answered to hello.
    pub(super) fn of(implementations: &'a [Implementation], terms: Terms, fine: bool, known: &[Hello]) -> Self {
        let known = known.iter().cloned().map(Some).chain(std::iter::repeat(None));
        let sessions = implementations.iter().zip(known);
        Self {
            fine,
            sessions: sessions
                .map(|(implementation, known)| Session::new(implementation, terms, known))
                .collect(),
        }
    }

    /// What they answer to hello.
    ///
    /// # Errors
    ///
    /// One that does not start.
    pub(super) fn hellos(&mut self, implementations: &[Implementation]) -> Result<Vec<Hello>, String> {
        let sessions = self.sessions.iter_mut().zip(implementations);
        sessions
            .map(|(session, implementation)| match session.start() {
                Ok(hello) => Ok(hello),
                Err(StartError(error)) => Err(format!("{}: {error}", implementation.spec())),
            })
            .collect()
    }

    /// What their answers have in common with those to other inputs, and the rules that are broken; none if they agree.
    pub(super) fn ask(&mut self, op: Op, case: &CaseId, input: &Value) -> Result<Option<(Group, Vec<Rule>)>, String> {
        Ok(Some(self.answers(op, case, input)?).filter(|(group, _)| !group.is_agreement()))
    }

    /// What their answers have in common with those to other inputs, and the rules that are broken where they differ.
    ///
    /// # Errors
    ///
    /// One that does not start again.
    pub fn answers(&mut self, op: Op, case: &CaseId, input: &Value) -> Result<(Group, Vec<Rule>), String> {
        let mut replies = Vec::new();
        for session in &mut self.sessions {
            let exchange = session
                .ask(op, case, input, None)
                .map_err(|StartError(error)| format!("an implementation {error}"))?;
            // A process that was killed because of that has not crashed.
            if interrupt::is_requested() {
                return Err("was interrupted".to_owned());
            }
            let flawed = exchange.flaw.is_some();
            let checked = check(op, input, exchange.reply);
            replies.push(Reply::of(op, checked, flawed, &exchange.stderr));
        }
        for lacks in self.sessions.iter().filter_map(Session::lacks) {
            replies.iter_mut().for_each(|reply| reply.leave_out(op, lacks));
        }
        Ok(compare::group(op, input, replies, self.fine))
    }
}
