// Files of a dossier: dropped on the form or chosen, sent one after the other, each answered by its sentence.
// Without a script the form sends all of them together.
(() => {
  "use strict";
  const form = document.querySelector("form[data-attach]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const zone = input.closest(".field");
  const button = form.querySelector("button[type=submit]");
  const said = document.createElement("div");
  const hint = document.createElement("p");
  said.className = "said";
  said.setAttribute("role", "status");
  said.id = "attached";
  input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") || ""} attached`.trim());
  hint.className = "hint";
  hint.textContent = "Hoặc kéo tệp thả vào đây.";
  zone.append(hint);
  form.append(said);
  let busy = false;

  const say = (text, good) => {
    const line = document.createElement("p");
    line.className = good ? "kept" : "refused";
    line.textContent = text;
    said.append(line);
  };

  const send = async (file) => {
    const largest = Number(form.dataset.largest);
    // The form around the file counts as well.
    if (file.size > largest - 65536) {
      say(`${file.name}: tệp lớn hơn ${Math.floor(largest / 1048576)} MB nên không được nhận; quét lại với độ phân giải thấp hơn (200–300 dpi) hoặc chia thành nhiều tệp.`, false);
      return;
    }
    const data = new FormData(form);
    data.delete(input.name);
    data.append(input.name, file, file.name);
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
      if (!(answer.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error();
      const { kept, refused } = await answer.json();
      kept.forEach((name) => { say(`Đã đính kèm ${name}.`, true); });
      refused.forEach((text) => { say(text, false); });
    } catch {
      say(`${file.name}: chưa gửi được. Kiểm tra kết nối, tải lại trang rồi gửi lại.`, false);
    }
  };

  // What the page shows of the files and of the history is fetched anew; what is being typed stays.
  const renew = async () => {
    const answer = await fetch(window.location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelectorAll("[data-fresh]").forEach((part) => {
      const other = fresh.getElementById(part.id);
      if (other) part.replaceWith(other);
    });
  };

  const sendAll = async (files) => {
    if (busy || !files.length) return;
    busy = true;
    button.disabled = true;
    said.replaceChildren();
    for (const file of files) await send(file);
    input.value = "";
    busy = false;
    button.disabled = false;
    // The button that was pressed gave the focus away; whoever went elsewhere meanwhile stays there.
    const wrong = said.querySelector(".refused");
    const here = document.activeElement;
    if (wrong ? here === document.body || form.contains(here) : here === document.body) (wrong ? input : button).focus();
    if (said.querySelector(".kept")) await renew().catch(() => {});
  };

  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    sendAll([...input.files]);
  });
  ["dragenter", "dragover"].forEach((name) => {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("dropping");
    });
  });
  ["dragleave", "drop"].forEach((name) => {
    zone.addEventListener(name, () => { zone.classList.remove("dropping"); });
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    sendAll([...event.dataTransfer.files]);
  });
})();
