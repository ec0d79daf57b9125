//! Icons and avatars: those of the system are for everyone, those of projects and people for who may see them
//! (jira-auth-and-rest §6.6).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answers::Desk;
use super::exchange::Answer;
use super::tile::tile;

/// A PNG of one transparent dot.
const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
/// As drawing programs write them.
const DRAWING: &str = r##"<?xml version="1.0" encoding="UTF-8"?><!-- Generator: Sketch 3.5 --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg xmlns="http://www.w3.org/2000/svg" xmlns:sketch="http://www.bohemiancoding.com/sketch/ns" viewBox="0 0 16 16"><g id="sign" sketch:type="MSPage" style="opacity:.95" fill="none" stroke="COLOUR" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="PATH"/></g></svg>"##;

/// Up for what is urgent, down for what can wait.
fn priority(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (colour, drawn) = match name.split('.').next().unwrap_or_default() {
        "highest" => ("#c9372c", "M3 8l5-4 5 4M3 12l5-4 5 4"),
        "high" => ("#e2483d", "M3 10l5-4 5 4"),
        "low" => ("#357de8", "M3 6l5 4 5-4"),
        "lowest" => ("#357de8", "M3 4l5 4 5-4M3 8l5 4 5-4"),
        _ => ("#e56910", "M3 6h10M3 10h10"),
    };
    DRAWING.replace("COLOUR", colour).replace("PATH", drawn)
}

/// A picture that can be told from others by what stands behind its end, where no viewer looks.
pub fn dot(mark: &str) -> Vec<u8> {
    [STANDARD.decode(DOT).expect("Base64"), mark.as_bytes().to_vec()].concat()
}

impl Desk<'_> {
    pub(super) fn picture(&self) -> Answer {
        let (path, data) = (&self.asked.path, self.shape.data);
        let png = path.ends_with(".png") || self.asked.query.contains("format=png") || path.contains("/secure/");
        let parameter = |name| self.asked.parameter(name).unwrap_or_default();
        if path.ends_with("/projectavatar") {
            let project = data.projects().iter().find(|it| it.id == parameter("pid"));
            return match project.filter(|project| data.sees_project(self.shape.person, project)) {
                Some(project) => Answer::bytes("image/png", dot(&project.key)),
                None => self.no_picture(),
            };
        }
        if path.ends_with("/useravatar") {
            let person = data.people().iter().find(|it| it.key == parameter("ownerId"));
            return person.map_or_else(
                || self.no_picture(),
                |person| Answer::bytes("image/png;charset=UTF-8", dot(&person.name)),
            );
        }
        let avatar = path.rsplit_once("/issuetype/avatar/").map(|(_, avatar)| avatar.to_owned());
        let avatar = avatar.or_else(|| path.ends_with("/viewavatar").then(|| parameter("avatarId")));
        match png {
            true if avatar.is_some() => Answer::bytes("image/png", tile(&avatar.unwrap_or_default())),
            true => Answer::bytes("image/png", dot(path.rsplit('/').next().unwrap_or_default())),
            false => Answer::bytes("image/svg+xml", priority(path)),
        }
    }

    fn no_picture(&self) -> Answer {
        match self.shape.person {
            Some(_) => Answer::html(404, "<html><head><title>404</title></head></html>"),
            None => Answer::redirect(&format!("{}/login.jsp?os_destination=%2Fsecure", self.shape.base)),
        }
    }
}
