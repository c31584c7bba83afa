package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.br;
import static dev.batchwright.server.page.Tags.div;
import static dev.batchwright.server.page.Tags.p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;

class HtmlTest {
    private static String written(Html html) {
        var out = new StringBuilder();
        html.writeTo(out);
        return out.toString();
    }

    @Test
    void elements_are_nested_with_their_attributes() {
        Html html = div(cls("a b"), p(text("one"), br(), text("two")), Html.none());
        assertThat(written(html)).isEqualTo("<div class=\"a b\"><p>one<br>two</p></div>");
    }

    @Test
    void text_stays_text_wherever_it_stands() {
        String hostile = "</p><script>alert(\"1\" + '2')</script>&amp;";
        String harmless =
                "&lt;/p&gt;&lt;script&gt;alert(&#34;1&#34; + &#39;2&#39;)&lt;/script&gt;&amp;amp;";
        assertThat(written(p(Attribute.title(hostile), text(hostile))))
                .isEqualTo("<p title=\"%s\">%s</p>".formatted(harmless, harmless));
    }

    @ParameterizedTest
    @CsvSource({
        "a\u202egpj.exe, a\u27e8U+202E\u27e9gpj.exe",
        "a\u0000b, a\u2400b",
        "a\u001b[31m, a\u241b[31m",
        "a\u200bb, a\u27e8U+200B\u27e9b",
        "a\ufeffb, a\u27e8U+FEFF\u27e9b",
        "a\udb40\udc41b, a\u27e8U+E0041\u27e9b",
        "a\ud800b, a\ufffdb",
        "a\udc00b, a\ufffdb",
        "\u05e9\u05dc\u05d5\u05dd, \u05e9\u05dc\u05d5\u05dd",
        "\ud83d\udc69\u200d\ud83d\udcbb, \ud83d\udc69\u200d\ud83d\udcbb",
    })
    void what_can_not_be_seen_is_named_and_what_is_written_stays(String said, String shown) {
        assertThat(written(text(said))).isEqualTo(shown);
    }

    @Test
    void lines_end_as_they_end_everywhere() {
        assertThat(written(text("a\r\nb\tc\rd"))).isEqualTo("a\nb\tc\u240dd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"onclick", "style", "srcdoc", "a b", "a>", ""})
    void attributes_that_run_or_style_are_refused(String name) {
        assertThatThrownBy(() -> Attribute.of(name, "x"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"javascript:alert(1)", "https://example.com/", "//example.com", ""})
    void addresses_elsewhere_are_refused(String address) {
        assertThatThrownBy(() -> Attribute.of("href", address))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void links_are_encoded_part_by_part() {
        Link link = Link.to("jobs", "../x?y").with("cause", "a&b=\"c\" d");
        assertThat(written(a(href(link), text("x"))))
                .isEqualTo("<a href=\"/jobs/..%2Fx%3Fy?cause=a%26b%3D%22c%22%20d\">x</a>");
    }

    @Test
    void json_is_laid_out_for_reading() {
        assertThat(pretty("{\"a\":[1,{}],\"b\":\"<i>\\n\",\"c\":null,\"d\":[]}", 1_000))
                .isEqualTo(
                        """
                        {
                          "a": [
                            1,
                            {}
                          ],
                          "b": "<i>\\n",
                          "c": null,
                          "d": []
                        }\
                        """);
    }

    @Test
    void json_is_cut_where_it_is_long() {
        String text = "x".repeat(9_000);
        PrettyJson cut = PrettyJson.of(bytes("{\"a\":\"%s\",\"b\":2}".formatted(text)), 50_000);
        assertThat(cut.whole()).isFalse();
        assertThat(plain(cut.html()))
                .contains("x".repeat(4_000) + "\"")
                .doesNotContain("x".repeat(4_001))
                .contains("9,000 characters in all", "\"b\": 2");
        PrettyJson many = PrettyJson.of(bytes("[" + "1,".repeat(9_000) + "1]"), 500);
        assertThat(many.whole()).isFalse();
        assertThat(plain(many.html()).length()).isLessThan(600);
    }

    @Test
    void what_is_no_json_is_shown_as_it_is() {
        assertThat(pretty("{\"a\": <html>", 1_000)).isEqualTo("{\"a\": <html>");
    }

    private static String pretty(String json, int most) {
        return plain(PrettyJson.of(bytes(json), most).html());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String plain(Html html) {
        return switch (html) {
            case Html.Text(String text) -> text;
            case Html.Element element ->
                    element.children().stream().map(HtmlTest::plain).reduce("", String::concat);
            case Html.Group group ->
                    group.members().stream().map(HtmlTest::plain).reduce("", String::concat);
        };
    }
}
