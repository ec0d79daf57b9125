//! Icons and avatars: those of the system are for everyone, those of projects and people for who may see them
//! (jira-auth-and-rest §6.6).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answers::Desk;
use super::exchange::Answer;

/// A PNG of one transparent dot.
const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const ROUND: &str = r##"<?xml version="1.0" encoding="UTF-8"?><!-- Generator: Sketch 3.5 --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg xmlns="http://www.w3.org/2000/svg" xmlns:sketch="http://www.bohemiancoding.com/sketch/ns" viewBox="0 0 16 16"><g id="round" sketch:type="MSPage" style="opacity:.9"><circle cx="8" cy="8" r="7" fill="#4bade8"/></g></svg>"##;

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
        match png {
            true => Answer::bytes("image/png", dot(path.rsplit('/').next().unwrap_or_default())),
            false => Answer::bytes("image/svg+xml", ROUND),
        }
    }

    fn no_picture(&self) -> Answer {
        match self.shape.person {
            Some(_) => Answer::html(404, "<html><head><title>404</title></head></html>"),
            None => Answer::redirect(&format!("{}/login.jsp?os_destination=%2Fsecure", self.shape.base)),
        }
    }
}
