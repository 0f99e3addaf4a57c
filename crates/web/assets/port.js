// A button to copy each command; without JavaScript there is none to miss.
"use strict";
for (const command of document.querySelectorAll("pre.command")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  const label = document.querySelector("[data-copy]");
  button.type = "button";
  button.className = "copy";
  button.textContent = label.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command.textContent.trim());
    button.textContent = label.dataset.copied;
    setTimeout(() => { button.textContent = label.dataset.copy; }, 1500);
  });
  command.insertAdjacentElement("afterend", button);
}
