//! Enough of JQL to be asked real questions: boolean terms, the usual fields, lists, EMPTY, dates, ORDER BY.
//! A query is read first ([`Query::parse`]), so that nonsense is refused as Jira refuses it.

/// A whole query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// `None`: without a restriction, which Cloud refuses.
    pub filter: Option<Term>,
    /// Field names in lower case, and whether the order is descending.
    pub order: Vec<(String, bool)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    All(Vec<Term>),
    Any(Vec<Term>),
    Not(Box<Term>),
    /// Field as written, operator, operands.
    Clause(String, Operator, Vec<Operand>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    In,
    NotIn,
    Contains,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    pub fn is_relational(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    Value(String),
    Empty,
    /// `currentUser()`, in lower case without the parentheses.
    Function(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Sign(&'static str),
}

const SIGNS: [&str; 11] = ["!=", "<=", ">=", "!~", "=", "<", ">", "~", "(", ")", ","];

type Read<T> = Result<T, String>;

impl Query {
    pub fn parse(text: &str) -> Read<Self> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0 };
        let filter = match parser.peek() {
            None => None,
            Some(_) if parser.is_word("order") => None,
            Some(_) => Some(parser.any()?),
        };
        let order = if parser.take_word("order") { parser.order()? } else { Vec::new() };
        match parser.peek() {
            None => Ok(Self { filter, order }),
            Some(token) => {
                Err(format!("Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{}'.", show(token)))
            }
        }
    }
}

fn tokens(text: &str) -> Read<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if first == '"' || first == '\'' {
            let (quoted, after) = quoted(&rest[1..], first)?;
            tokens.push(Token::Quoted(quoted));
            rest = after;
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || "=<>~!(),\"'".contains(c)).unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("Error in the JQL Query: The character '{first}' is a reserved JQL character."));
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

fn quoted(text: &str, quote: char) -> Read<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => out.extend(chars.next().map(|(_, c)| c)),
            c if c == quote => return Ok((out, &text[at + c.len_utf8()..])),
            c => out.push(c),
        }
    }
    Err(format!("Error in the JQL Query: The quoted string '{text}' has not been completed."))
}

fn show(token: &Token) -> &str {
    match token {
        Token::Word(text) | Token::Quoted(text) => text,
        Token::Sign(sign) => sign,
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self, expected: &str) -> Read<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token.ok_or_else(|| format!("Error in the JQL Query: Expecting {expected} before the end of the query."))
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(it)) if it.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(it)) if *it == sign);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Read<Term> {
        let mut terms = vec![self.all()?];
        while self.take_word("or") {
            terms.push(self.all()?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::Any(terms) })
    }

    fn all(&mut self) -> Read<Term> {
        let mut terms = vec![self.one()?];
        while self.take_word("and") {
            terms.push(self.one()?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Term::All(terms) })
    }

    fn one(&mut self) -> Read<Term> {
        if self.take_word("not") {
            return Ok(Term::Not(Box::new(self.one()?)));
        }
        if self.take_sign("(") {
            let term = self.any()?;
            return self
                .take_sign(")")
                .then_some(term)
                .ok_or_else(|| "Error in the JQL Query: Expecting ')'.".to_owned());
        }
        let field = match self.next("a field name")? {
            Token::Word(field) | Token::Quoted(field) => field,
            Token::Sign(sign) => {
                return Err(format!("Error in the JQL Query: Expecting a field name but got '{sign}'."));
            }
        };
        self.clause(field)
    }

    fn clause(&mut self, field: String) -> Read<Term> {
        let clause = |operator, operands| Term::Clause(field.clone(), operator, operands);
        if self.take_word("in") {
            return Ok(clause(Operator::In, self.list()?));
        }
        if self.take_word("not") {
            return match self.take_word("in") {
                true => Ok(clause(Operator::NotIn, self.list()?)),
                false => Err("Error in the JQL Query: Expecting 'IN' after 'NOT'.".into()),
            };
        }
        if self.take_word("is") {
            let operator = if self.take_word("not") { Operator::NotIn } else { Operator::In };
            return Ok(clause(operator, vec![self.operand()?]));
        }
        let got = self.next("an operator")?;
        let Token::Sign(sign) = got else { return Err(no_operator(show(&got))) };
        let not_contains = sign == "!~";
        let operator = match sign {
            "=" => Operator::In,
            "!=" => Operator::NotIn,
            "~" | "!~" => Operator::Contains,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            other => return Err(no_operator(other)),
        };
        let term = clause(operator, vec![self.operand()?]);
        Ok(if not_contains { Term::Not(Box::new(term)) } else { term })
    }

    fn list(&mut self) -> Read<Vec<Operand>> {
        if !self.take_sign("(") {
            // A function that yields a list.
            return Ok(vec![self.operand()?]);
        }
        let mut operands = vec![self.operand()?];
        while self.take_sign(",") {
            operands.push(self.operand()?);
        }
        self.take_sign(")")
            .then_some(operands)
            .ok_or_else(|| "Error in the JQL Query: Expecting ')' or ','.".to_owned())
    }

    fn operand(&mut self) -> Read<Operand> {
        match self.next("a value")? {
            Token::Quoted(value) => Ok(Operand::Value(value)),
            Token::Word(word) if self.take_sign("(") => {
                while !self.take_sign(")") {
                    self.next("')'")?;
                }
                Ok(Operand::Function(word.to_lowercase()))
            }
            Token::Word(word) if word.eq_ignore_ascii_case("empty") || word.eq_ignore_ascii_case("null") => {
                Ok(Operand::Empty)
            }
            Token::Word(word) => Ok(Operand::Value(word)),
            Token::Sign(sign) => Err(format!("Error in the JQL Query: Expecting a value but got '{sign}'.")),
        }
    }

    fn order(&mut self) -> Read<Vec<(String, bool)>> {
        if !self.take_word("by") {
            return Err("Error in the JQL Query: Expecting 'BY' after 'ORDER'.".into());
        }
        let mut order = Vec::new();
        loop {
            let field = show(&self.next("a field name")?).to_lowercase();
            let descending = self.take_word("desc");
            let _ascending = !descending && self.take_word("asc");
            order.push((field, descending));
            if !self.take_sign(",") {
                return Ok(order);
            }
        }
    }
}

fn no_operator(got: &str) -> String {
    format!(
        "Error in the JQL Query: Expecting operator but got '{got}'. The valid operators are '=', '!=', '<', '>', '<=', \
         '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
    )
}
