use crate::codegen::load::from_text;

/// The one complaint about a model with these types.
fn complaint(types: &str) -> String {
    let problems = from_text(&format!("area = \"test\"\n{types}")).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems[0].clone()
}

fn object(name: &str, fields: &str) -> String {
    format!("[[type]]\nname = \"{name}\"\nkind = \"object\"\nfields = [{fields}]\n")
}

fn union(by: &str, variants: &str) -> String {
    format!("[[type]]\nname = \"Either\"\nkind = \"union\"\nby = {by}\nvariants = [{variants}]\n")
}

const TWO: &str = "{ name = \"A\", type = \"One\" }, { name = \"B\", type = \"Two\" }";

#[test]
fn a_sound_model_is_let_through() {
    let one = object(
        "One",
        "{ name = \"type\", type = \"string\", const = \"one\" }",
    );
    let two = object(
        "Two",
        "{ name = \"type\", type = \"string\", const = \"two\" }, { name = \"ones\", type = \"map<One>|null\" }",
    );
    from_text(&format!(
        "area = \"test\"\n{one}{two}{}",
        union("{ tag = \"type\" }", TWO)
    ))
    .unwrap();
}

#[test]
fn an_unknown_type_is_named_with_its_place() {
    assert_eq!(
        complaint(&object("One", "{ name = \"a\", type = \"Nowhere[]\" }")),
        "One.a: there is no type Nowhere"
    );
    assert!(
        complaint(&object("One", "{ name = \"a\", type = \"text\" }"))
            .starts_with("One.a: \"text\"")
    );
}

#[test]
fn names_are_there_once() {
    assert!(
        complaint(&(object("One", "") + &object("One", "")))
            .starts_with("One is defined in test and again in test")
    );
    let twice = "{ name = \"a\", type = \"string\" }, { name = \"a\", type = \"string\" }";
    assert_eq!(
        complaint(&object("One", twice)),
        "One.a: the member is there twice"
    );
    let constant = "[[constant]]\ngroup = \"method\"\nname = \"A\"\nvalue = \"a\"\n";
    assert!(complaint(&(constant.to_owned() + constant)).contains("the constant A is there twice"));
}

#[test]
fn variants_with_one_tag_cannot_be_told_apart() {
    let one = object(
        "One",
        "{ name = \"type\", type = \"string\", const = \"same\" }",
    );
    let two = object(
        "Two",
        "{ name = \"type\", type = \"string\", const = \"same\" }",
    );
    let found = complaint(&(one + &two + &union("{ tag = \"type\" }", TWO)));
    assert_eq!(
        found,
        "Either: A and B cannot be told apart, `type` is \"same\" for both"
    );
}

#[test]
fn a_variant_without_its_tag_is_named() {
    let one = object(
        "One",
        "{ name = \"type\", type = \"string\", const = \"one\" }",
    );
    let two = object("Two", "{ name = \"type\", type = \"string\" }");
    assert!(
        complaint(&(one + &two + &union("{ tag = \"type\" }", TWO)))
            .starts_with("Either::B: `type` does not say")
    );
}

#[test]
fn kinds_of_json_values_are_told_apart_once() {
    let variants = "{ name = \"A\", type = \"integer\" }, { name = \"B\", type = \"number\" }";
    assert!(complaint(&union("\"json-kind\"", variants)).contains("cannot be told apart"));
    let objects = object("One", "") + &object("Two", "") + &union("\"json-kind\"", TWO);
    assert!(complaint(&objects).contains("is \"object\" for both"));
}

#[test]
fn a_variant_that_is_never_reached_is_named() {
    let fields = "{ name = \"a\", type = \"string\" }, { name = \"b\", type = \"string\" }";
    let types = object("One", fields) + &object("Two", fields);
    let variants = "{ name = \"A\", type = \"One\", when = [\"a\"] }, { name = \"B\", type = \"Two\", when = [\"a\", \"b\"] }";
    assert!(
        complaint(&(types.clone() + &union("\"members\"", variants)))
            .starts_with("Either: B is never reached")
    );
    let unknown = "{ name = \"A\", type = \"One\", when = [\"c\"] }, { name = \"B\", type = \"Two\", when = [\"b\"] }";
    assert_eq!(
        complaint(&(types + &union("\"members\"", unknown))),
        "Either::A: One has no member \"c\""
    );
}

#[test]
fn keys_fit_the_kind_of_type() {
    let found = complaint(
        "[[type]]\nname = \"One\"\nkind = \"alias\"\nis = \"string\"\nadditional = \"any\"\n",
    );
    assert_eq!(
        found,
        "One: `additional` has no meaning for this kind of type"
    );
    let found = complaint(
        &(object("One", "")
            + "refines = \"Two\"\n[[type]]\nname = \"Two\"\nkind = \"alias\"\nis = \"string\"\n"),
    );
    assert_eq!(found, "One refines Two, which is no object");
    assert_eq!(
        complaint("[[type]]\nname = \"One\"\nkind = \"enum\"\n"),
        "One: `values` is missing"
    );
    assert!(
        complaint("[[type]]\nname = \"One\"\nkind = \"alias\"\nis = \"One\"\n")
            .contains("leads back to itself")
    );
    assert!(
        complaint("[[type]]\nname = \"One\"\nkind = \"object\"\ncolour = \"red\"\n")
            .contains("unknown field `colour`")
    );
}

#[test]
fn a_union_of_itself_means_nothing() {
    let text = union("\"asked\"", "{ name = \"A\", type = \"Same\" }")
        + "[[type]]\nname = \"Same\"\nkind = \"alias\"\nis = \"Either\"\n";
    let problems = from_text(&format!("area = \"test\"\n{text}")).unwrap_err();
    assert_eq!(
        problems,
        [
            "Either: the type leads back to itself",
            "Same: the type leads back to itself"
        ]
    );
}

#[test]
fn an_inline_type_ends_somewhere() {
    let inline = |name: &str, of: &str| {
        object(name, &format!("{{ name = \"a\", type = \"{of}[]\" }}")) + "inline = true\n"
    };
    let problems = from_text(&format!(
        "area = \"test\"\n{}{}",
        inline("One", "Two"),
        inline("Two", "One")
    ))
    .unwrap_err();
    assert_eq!(
        problems,
        [
            "One: an `inline` type cannot hold itself",
            "Two: an `inline` type cannot hold itself"
        ]
    );
}

#[test]
fn constants_and_bounds_fit_the_member() {
    assert!(
        complaint(&object(
            "One",
            "{ name = \"a\", type = \"integer\", const = \"x\" }"
        ))
        .contains("`const`")
    );
    assert!(
        complaint(&object(
            "One",
            "{ name = \"a\", type = \"string\", minimum = 1 }"
        ))
        .contains("minimum")
    );
    assert!(
        complaint(&object(
            "One",
            "{ name = \"a\", type = \"string\", max_items = 1 }"
        ))
        .contains("max_items")
    );
}

#[test]
fn a_used_type_is_known_and_complete() {
    let other = "[[use]]\npath = \"mcpwire_types\"\nmodel = \"2026-07-28\"\ntypes = [\"CallToolRequest\", \"EmptyResult\"]\n";
    let model = from_text(&format!(
        "area = \"test\"\n{other}{}",
        object("One", "{ name = \"a\", type = \"CallToolRequest\" }")
    ))
    .unwrap();
    let used = &model.used["CallToolRequest"];
    assert_eq!(used.path, "mcpwire_types");
    assert!(used.ty.fields.iter().any(|field| field.name == "params"));
    assert_eq!(
        model.used["EmptyResult"].ty.target, None,
        "an alias is looked through"
    );
    assert!(complaint(&other.replace("EmptyResult", "Nowhere")).contains("no type Nowhere to use"));
    assert!(
        complaint(&object("One", "{ name = \"a\", type = \"Tool\" }"))
            .contains("there is no type Tool"),
        "not used, not known"
    );
}
