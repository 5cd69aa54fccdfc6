//! The parameters of a request: a form in the body, and a query where that counts.

use super::envelope::Refusal;
use crate::demo::kit::http::Request;

/// The parameters of a request.
#[derive(Debug, Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// The parameters of `request`: those of the form first; those of the query unless `forms_only`.
    pub fn read(request: &Request, forms_only: bool) -> Self {
        let decoded = |text: &str| -> Vec<(String, String)> {
            url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
        };
        let is_form = request.method == "POST"
            && request
                .header("Content-Type")
                .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let mut fields = if is_form { decoded(&request.body) } else { Vec::new() };
        if !forms_only {
            fields.extend(decoded(&request.query));
        }
        Self { fields }
    }

    /// The value of a parameter; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(held, _)| held == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::invalid(&format!("Missing parameter {name}")))
    }

    /// A whole number, if the parameter is there.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parsed = self.get(name).map(|text| text.trim().parse());
        parsed.transpose().map_err(|_| Refusal::invalid(&format!("{name} must be an integer")))
    }

    /// The parts of a comma-separated list, if the parameter is there. Blanks are not taken off: a field with
    /// one in front is simply unknown.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        self.get(name).map(|text| text.split(',').map(str::to_owned).collect())
    }

    /// The parameters that make two requests the same: all but the credentials, in a fixed order.
    pub fn arguments(&self) -> String {
        let mut fields: Vec<&(String, String)> =
            self.fields.iter().filter(|(name, _)| name != "access_token").collect();
        fields.sort();
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Form { fields: fields.iter().map(owned).collect() }
    }

    #[test]
    fn parameters_are_read_or_refused() {
        let form = form(&[("action", "getmeas"), ("lastupdate", "x"), ("startdate", "12"), ("empty", "")]);
        assert_eq!(form.required("action"), Ok("getmeas"));
        assert_eq!(form.required("empty").unwrap_err().error, "Invalid Params: Missing parameter empty");
        assert_eq!(form.number("startdate"), Ok(Some(12)));
        assert_eq!(form.number("enddate"), Ok(None));
        assert_eq!(form.number("lastupdate").unwrap_err().status, 503);
    }

    #[test]
    fn the_same_arguments_are_the_same_in_any_order() {
        let one = form(&[("a", "1"), ("b", "2"), ("access_token", "x")]);
        let other = form(&[("access_token", "y"), ("b", "2"), ("a", "1")]);
        assert_eq!(one.arguments(), other.arguments());
        assert_ne!(one.arguments(), form(&[("a", "1"), ("b", "3")]).arguments());
        assert_ne!(form(&[("a", "1&b=2")]).arguments(), form(&[("a", "1"), ("b", "2")]).arguments());
    }
}
