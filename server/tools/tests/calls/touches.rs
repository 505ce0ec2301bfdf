//! What calls say they touch.

use domain::Access;
use policy::Touches;
use tools::Registry;

#[test]
fn each_tool_names_its_paths_as_it_will_take_them() {
    let tools = Registry::builtin();
    let path = |path: &str, access| Touches {
        paths: vec![(path.to_owned(), access)],
        ..Touches::nothing()
    };
    let table = [
        ("fs.list", "{}", path(".", Access::Read)),
        ("fs.list", r#"{"path":" "}"#, path(".", Access::Read)),
        ("fs.list", r#"{"dir":"src"}"#, path("src", Access::Read)),
        ("fs.read", r#"{"file":"a/../b"}"#, path("a/../b", Access::Read)),
        ("fs.write", r#"{"path":"a","text":"x"}"#, path("a", Access::Write)),
        ("time.now", "{}", Touches::nothing()),
        ("agent.run", r#"{"message":"x"}"#, Touches::nothing()),
        ("agent.message", r#"{"session":"s","message":"x"}"#, Touches::nothing()),
    ];
    for (tool, arguments, touches) in table {
        assert_eq!(tools.touches(tool, arguments), Some(touches), "{tool} {arguments}");
    }
    assert_eq!(tools.touches("fs.read", "{}"), None);
    assert_eq!(tools.touches("fs.nothing", "{}"), None);
}
