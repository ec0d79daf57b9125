// Shows previews inside a frame of another page. Browsers keep our cookies out of frames, so a window of ours asks the
// reader, hands a code to the frame that opened it, and the frame redeems the code for a cookie of its own.
"use strict";

const ask = document.querySelector("[data-allow]");
if (ask && window.self !== window.top) {
  ask.hidden = false;
  for (const other of document.querySelectorAll("[data-alone]")) other.hidden = true;
  let asked = null;
  ask.addEventListener("click", (event) => {
    const opened = window.open(ask.href, "_blank", "popup,width=520,height=560");
    // Where no pop-up may open, the link opens a tab; it has no frame to tell, but signs in all the same.
    if (opened) { event.preventDefault(); asked = opened; }
  });
  window.addEventListener("message", async (event) => {
    const code = event.data?.code;
    if (!asked || event.source !== asked || event.origin !== location.origin || typeof code !== "string") return;
    asked = null;
    const answer = await fetch("/preview/session", {
      method: "POST",
      credentials: "include",
      body: new URLSearchParams({ code }),
    });
    if (answer.ok) location.reload();
  });
}

const handed = document.querySelector("[data-code]");
if (handed && window.opener) {
  window.opener.postMessage({ code: handed.dataset.code }, location.origin);
  window.close();
}
