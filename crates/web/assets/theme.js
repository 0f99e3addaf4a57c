// Runs before anything is painted: the colours that somebody chose.
"use strict";
try {
  const theme = localStorage.getItem("theme");
  if (theme === "day" || theme === "night") document.documentElement.dataset.theme = theme;
} catch { /* as the system has it */ }
