// Only comfort: how many characters are left, and no second tap while the first is on its way. In the old language of
// scripts, because it runs on old phones; the page works without it.
(function () {
  "use strict";
  var form = document.getElementById("rating");
  var words = document.getElementById("words");
  var count = document.getElementById("count");
  var send = document.getElementById("send");
  if (!form || !words || !count || !send) return;
  var longest = Number(count.getAttribute("data-longest"));

  function tell() {
    count.textContent = words.value.length + " / " + longest;
  }

  words.addEventListener("input", tell);
  if (words.value) tell();
  form.addEventListener("submit", function () {
    // After the form's own work: a button that is disabled at once would stop it on some phones.
    setTimeout(function () { send.disabled = true; }, 0);
  });
  // Coming back by the phone's own button shows the page as it was left.
  window.addEventListener("pageshow", function () { send.disabled = false; });
})();
