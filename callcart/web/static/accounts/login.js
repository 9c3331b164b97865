// The demo's people: one press fills the form and sends it.
document.addEventListener("click", (event) => {
  const person = event.target.closest("[data-sign-in-as]");
  if (!person) return;
  const form = document.getElementById("login-form");
  form.elements.email.value = person.dataset.signInAs;
  form.elements.password.value = person.dataset.password;
  form.requestSubmit();
});
