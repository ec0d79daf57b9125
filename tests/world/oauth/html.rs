//! Pages of authorization servers: they work in any browser, without script, by keyboard, in the light and in the dark.

pub use super::super::jira::text::escape;

/// How all simulated pages look.
pub const STYLE: &str = "\
    :root{color-scheme:light dark;--line:light-dark(#C9CED6,#4A4F5A);--muted:light-dark(#5A5F69,#A9AFBA);\
    --accent:light-dark(#0B4AA2,#9CC2FF);--ground:light-dark(#0B4AA2,#2B66C4)}\
    *{box-sizing:border-box}\
    body{margin:0;background:light-dark(#F6F7F9,#191A1D);color:light-dark(#24262B,#E9EBEF);\
    font:16px/1.5 ui-sans-serif,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Liberation Sans',Arial,sans-serif;overflow-wrap:anywhere}\
    main{max-width:27rem;margin:8vh auto 2rem;padding:2rem;background:light-dark(#FFF,#26272C);\
    border:1px solid light-dark(#E2E5EA,#3A3E47);border-radius:12px}\
    h1{margin:0 0 1rem;font-size:1.375rem;line-height:1.25;text-wrap:balance}p{margin:0 0 1rem}small,.muted{color:var(--muted)}\
    label,legend{display:block;font-weight:600;font-size:.9375rem}legend{padding:0}form+p{margin-top:1rem}fieldset{margin:0 0 1.25rem;padding:0;border:0}\
    label.choice{display:flex;gap:.6rem;align-items:center;min-height:2rem;font-weight:400}\
    input:not([type=checkbox]){display:block;width:100%;min-height:2.5rem;margin-top:.3rem;padding:.4rem .7rem;\
    border:1px solid light-dark(#868C98,#7D838F);border-radius:8px;background:light-dark(#FFF,#1E1F23);color:inherit;font:inherit}\
    input[type=checkbox]{width:1.125rem;height:1.125rem;margin:0;accent-color:var(--ground)}\
    button{min-height:2.5rem;margin:0 .375rem .375rem 0;padding:.35rem 1rem;border:1px solid var(--line);border-radius:8px;\
    background:transparent;color:inherit;font:inherit;font-weight:500;cursor:pointer}\
    button.main{border-color:transparent;background:var(--ground);color:#FFF}\
    form+form{margin-top:1rem;padding-top:1rem;border-top:1px solid light-dark(#E2E5EA,#3A3E47)}\
    ul{margin:0 0 1.25rem;padding-left:1.25rem}code{font-family:ui-monospace,Consolas,monospace;font-size:.9em}\
    [role=alert]{padding:.6rem .8rem;border:1px solid;border-radius:8px;color:light-dark(#9F2D20,#FF9C8F)}\
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px}\
    @media(max-width:30rem){main{margin:0;padding:1.5rem 1.25rem;border:0;border-radius:0;min-height:100vh}}";

/// A whole page.
pub fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<main><h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
}

pub fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value))
}

pub fn list(items: &[String]) -> String {
    let items: String = items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
    format!("<ul>{items}</ul>")
}
