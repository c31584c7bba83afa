package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Html.each;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Parts.cell;
import static dev.batchwright.server.page.Parts.number;
import static dev.batchwright.server.page.Tags.span;
import static dev.batchwright.server.page.Tags.tr;

import dev.batchwright.job.Cost;
import dev.batchwright.store.Account;

import java.util.List;

/** Keys that have a budget, as rows of a table. */
final class BudgetRows {
    private BudgetRows() {}

    static Html table(List<Account> accounts) {
        return Parts.grid(
                "Budgets of keys",
                List.of("Key", "Budget#", "Spent#", "Set aside#", "Left#"),
                each(accounts, BudgetRows::row));
    }

    private static Html row(Account account) {
        Cost left = account.left();
        boolean none = left.compareTo(Cost.ZERO) <= 0;
        return tr(
                cell("Key", Parts.written(account.owner())),
                number("Budget", account.cap().toString()),
                number("Spent", account.spent().toString()),
                number("Set aside", account.reserved().toString()),
                number(
                        "Left",
                        span(
                                cls(none ? "bad" : "none"),
                                text((none ? Cost.ZERO : left).toString()))));
    }
}
