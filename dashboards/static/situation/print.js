// Content-Security-Policy forbids onclick attributes, so the button gets its deed here.
document.getElementById("print").addEventListener("click", () => window.print());
