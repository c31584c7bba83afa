package dev.batchwright.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.config.Environment;
import dev.batchwright.limit.LimitReport;
import dev.batchwright.limit.LimitReport.Window;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

class HeaderFormsTest {
    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    static Headers headers(String... lines) {
        var headers = new ArrayList<Headers.Header>();
        for (String line : lines) {
            String[] parts = line.split(": ?", 2);
            headers.add(new Headers.Header(parts[0], parts[1]));
        }
        return new Headers(headers);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Retry-After: 20                              | PT20S",
                "retry-after: 0                               | PT0S",
                "retry-after: 1.5                             | PT1.5S",
                "retry-after: 1e1                             | PT10S",
                "retry-after: 7.66s                           | PT7.66S",
                "retry-after: 2m3s                            | PT2M3S",
                "retry-after: -5                              | PT0S",
                "retry-after: 99999999999999999999            | PT24H",
                "retry-after: 1e999999999                     | PT24H",
                "retry-after: Fri, 20 Nov 2026 12:01:30 GMT   | PT1M30S",
                "retry-after: Fri, 20 Nov 2026 11:00:00 GMT   | PT0S",
                "retry-after: Fri, 20 Nov 2099 12:00:00 GMT   | PT24H",
                "retry-after-ms: 250                          | PT0.25S",
                "retry-after-ms: 12.5                         | PT0.0125S",
            })
    void a_wait_is_read_in_every_form(String line, Duration expected) {
        assertThat(RetryAfter.parse(headers(line), NOW)).hasValue(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"retry-after: soon", "retry-after:", "retry-after-ms: NaN", "x: 1"})
    void what_is_no_wait_is_left_out(String line) {
        assertThat(RetryAfter.parse(headers(line), NOW)).isEmpty();
    }

    @Test
    void milliseconds_go_before_seconds_unless_they_can_not_be_read() {
        assertThat(RetryAfter.parse(headers("retry-after: 9", "retry-after-ms: 40"), NOW))
                .hasValue(Duration.ofMillis(40));
        assertThat(RetryAfter.parse(headers("retry-after: 9", "retry-after-ms: x"), NOW))
                .hasValue(Duration.ofSeconds(9));
    }

    @Test
    void anthropic_s_limits_are_whole_again_at_a_time_of_the_servers_own_clock() {
        var headers =
                headers(
                        "date: Fri, 20 Nov 2026 15:00:00 GMT",
                        "anthropic-ratelimit-requests-limit: 50",
                        "anthropic-ratelimit-requests-remaining: 49",
                        "anthropic-ratelimit-requests-reset: 2026-11-20T15:00:02Z",
                        "anthropic-ratelimit-input-tokens-limit: 40000",
                        "anthropic-ratelimit-input-tokens-reset: 2026-11-20T14:59:59Z");
        assertThat(RateLimits.parseAnthropic(headers, NOW))
                .isEqualTo(
                        new LimitReport(
                                new Window(
                                        OptionalLong.of(50),
                                        OptionalLong.of(49),
                                        Optional.of(Duration.ofSeconds(2))),
                                new Window(
                                        OptionalLong.of(40_000),
                                        OptionalLong.empty(),
                                        Optional.of(Duration.ZERO))));
        assertThat(
                        RateLimits.parseAnthropic(
                                        headers(
                                                "anthropic-ratelimit-tokens-limit: 48000",
                                                "anthropic-ratelimit-tokens-reset:"
                                                        + " 2026-11-20T12:00:30.5+00:00",
                                                "anthropic-ratelimit-input-tokens-limit: 40000"),
                                        NOW)
                                .tokens())
                .isEqualTo(
                        new Window(
                                OptionalLong.of(48_000),
                                OptionalLong.empty(),
                                Optional.of(Duration.ofMillis(30_500))));
        assertThat(
                        RateLimits.parseAnthropic(
                                headers("anthropic-ratelimit-tokens-reset: soon"), NOW))
                .isEqualTo(LimitReport.NONE);
    }

    @Test
    void a_date_counts_from_the_servers_own_clock() {
        var headers =
                headers(
                        "date: Fri, 20 Nov 2026 15:00:00 GMT",
                        "retry-after: Fri, 20 Nov 2026 15:00:10 GMT");
        assertThat(RetryAfter.parse(headers, NOW)).hasValue(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource({
        "12ms,PT0.012S",
        "8.64s,PT8.64S",
        "6m0s,PT6M",
        "1h2m3s,PT1H2M3S",
        "2m59.56s,PT2M59.56S",
        "15us,PT0.000015S",
        "15µs,PT0.000015S",
        "1ns,PT0.000000001S",
        "7,PT7S",
        "0.5,PT0.5S"
    })
    void go_durations_are_read(String text, Duration expected) {
        assertThat(GoDuration.parse(text)).hasValue(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "1x", "1s ", "-1s", "1m s", "999999999999999999h", "1.s"})
    void what_is_no_go_duration_is_left_out(String text) {
        assertThat(GoDuration.parse(text)).isEmpty();
    }

    static Window window(long limit, long remaining, Duration fullIn) {
        return new Window(OptionalLong.of(limit), OptionalLong.of(remaining), Optional.of(fullIn));
    }

    static final Headers OPENAI =
            headers(
                    "x-ratelimit-limit-requests: 500",
                    "x-ratelimit-remaining-requests: 499",
                    "x-ratelimit-reset-requests: 120ms",
                    "x-ratelimit-limit-tokens: 200000",
                    "x-ratelimit-remaining-tokens: 199000",
                    "x-ratelimit-reset-tokens: 6m0s");

    @Test
    void openai_tells_requests_and_tokens() {
        assertThat(RateLimits.parse(OPENAI, true))
                .isEqualTo(
                        new LimitReport(
                                window(500, 499, Duration.ofMillis(120)),
                                window(200_000, 199_000, Duration.ofMinutes(6))));
    }

    @Test
    void requests_by_the_day_are_left_out() {
        assertThat(RateLimits.parse(OPENAI, false))
                .isEqualTo(
                        new LimitReport(
                                Window.UNKNOWN, window(200_000, 199_000, Duration.ofMinutes(6))));
    }

    @Test
    void a_projects_own_token_limit_counts_where_it_is_narrower() {
        var project =
                headers(
                        "x-ratelimit-limit-tokens: 200000",
                        "x-ratelimit-limit-project-tokens: 1000",
                        "x-ratelimit-remaining-project-tokens: 10",
                        "x-ratelimit-reset-project-tokens: 1s");
        assertThat(RateLimits.parse(project, true).tokens())
                .isEqualTo(window(1000, 10, Duration.ofSeconds(1)));
    }

    @Test
    void mistral_names_the_minute_and_no_resets() {
        var mistral =
                headers(
                        "x-ratelimit-limit-req-minute: 60",
                        "x-ratelimit-remaining-req-minute: 59",
                        "x-ratelimit-limit-tokens-minute: 500000",
                        "x-ratelimit-limit-tokens-month: 9");
        assertThat(RateLimits.parse(mistral, true))
                .isEqualTo(
                        new LimitReport(
                                new Window(
                                        OptionalLong.of(60), OptionalLong.of(59), Optional.empty()),
                                new Window(
                                        OptionalLong.of(500_000),
                                        OptionalLong.empty(),
                                        Optional.empty())));
    }

    @Test
    void the_ietf_draft_counts_where_its_window_is_a_minute() {
        var minute =
                headers(
                        "ratelimit-limit: 100, 100;w=60",
                        "ratelimit-remaining: 7",
                        "ratelimit-reset: 30");
        assertThat(RateLimits.parse(minute, true).requests())
                .isEqualTo(window(100, 7, Duration.ofSeconds(30)));
        assertThat(RateLimits.parse(headers("ratelimit-limit: 9;w=3600"), true))
                .isEqualTo(LimitReport.NONE);
        assertThat(RateLimits.parse(headers("ratelimit-limit: 9"), true))
                .isEqualTo(LimitReport.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-ratelimit-limit: 5", "x-ratelimit-limit-requests: many", "a: b"})
    void what_says_nothing_is_left_out(String line) {
        assertThat(RateLimits.parse(headers(line), true)).isEqualTo(LimitReport.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "https://api.example.com/v1, secure",
                "http://api.example.com/v1, plain",
                "https://localhost:8000/v1, -",
                "http://127.0.0.1:9090/v1, -",
                "http://[::1]:9090/v1, -",
                "https://inside.corp/v1, -",
                "https://deep.inside.corp/v1, -",
                "https://notinside.corp/v1, secure",
                "https://ported:8443/v1, -",
                "https://ported:9443/v1, secure",
            })
    void a_proxy_is_chosen_as_other_tools_do(String target, String proxy) {
        var proxies =
                Proxies.of(
                        Environment.of(
                                Map.of(
                                        "HTTPS_PROXY", "secure:3128",
                                        "http_proxy", "http://plain",
                                        "NO_PROXY", ".inside.corp, ported:8443")));
        assertThat(proxies.server(URI.create(target)).map(Proxies.Server::host))
                .isEqualTo(Optional.ofNullable(proxy));
    }
}
