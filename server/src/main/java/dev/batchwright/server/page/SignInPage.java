package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.action;
import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Html.when;
import static dev.batchwright.server.page.Tags.button;
import static dev.batchwright.server.page.Tags.form;
import static dev.batchwright.server.page.Tags.h1;
import static dev.batchwright.server.page.Tags.input;
import static dev.batchwright.server.page.Tags.label;
import static dev.batchwright.server.page.Tags.p;

/** Where a key is given for a session. */
final class SignInPage {
    private SignInPage() {}

    /**
     * @param next where it leads
     * @param wrong whether a key was given that is nobody's
     */
    static Html html(String next, boolean wrong) {
        return form(
                cls("sign-in"),
                Attribute.of("method", "post"),
                action(Link.to("sign-in")),
                h1(text("Sign in")),
                p(
                        text(
                                "With a key of this server, as programs use it. It sees its own"
                                        + " jobs; a key with the scope `admin` sees all.")),
                when(
                        wrong,
                        () ->
                                p(
                                        cls("problem bad"),
                                        Attribute.of("role", "alert"),
                                        text("This is no key of this server."))),
                input(
                        Attribute.of("type", "hidden"),
                        Attribute.of("name", "next"),
                        Attribute.of("value", next)),
                label(
                        text("Key"),
                        input(
                                Attribute.of("type", "password"),
                                Attribute.of("name", "key"),
                                Attribute.of("autocomplete", "current-password"),
                                Attribute.flag("required"),
                                Attribute.flag("autofocus"))),
                button(cls("main"), text("Sign in")));
    }

    /** An address to go on at: one of this server, or the overview. */
    static String next(String asked) {
        boolean ours = asked.matches("/[A-Za-z0-9_/?=&%.+-]*") && !asked.startsWith("//");
        return ours ? asked : "/";
    }
}
