import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.call import ToolOffer
from mockserver.generate.tools import wanted


def offer(name: str, description: str = "", **parameters: object) -> ToolOffer:
    """A tool whose parameters are given as name=description or name=schema."""
    properties = {
        key: {"type": "string", "description": value} if isinstance(value, str) else value
        for key, value in parameters.items()
    }
    return ToolOffer(name, description, {"type": "object", "properties": properties})


WEATHER = offer(
    "get_weather",
    "Get the current weather in a given location",
    location="The city and state, e.g. San Francisco, CA",
    unit={"type": "string", "enum": ["celsius", "fahrenheit"]},
)
TOOLS = {
    tool.name: tool
    for tool in (
        WEATHER,
        offer("get_current_temperature", "Get the temperature of a city", city="The city", unit="Unit of it"),
        offer("getCurrentWeather", location="Where"),
        offer("add", "Adds two numbers", a={"type": "number"}, b={"type": "number"}),
        offer("add_numbers", "Adds", numbers={"type": "array", "items": {"type": "number"}}),
        offer("get_product", "Look at a product", product_id="The id"),
        offer("bookmark_page", "Keep a page", url="The address"),
        offer("multiply", "Multiplies two numbers", a={"type": "number"}, b={"type": "number"}),
        offer("calculator", "Evaluate a mathematical expression", expression="The expression, e.g. 2 * 3"),
        offer("send_email", "Send an email to a person", to="The recipient", subject="Subject", body="Text"),
        offer("search_web", "Search the web for a query", query="What to look for"),
        offer("search", "Search the knowledge base", query="The query"),
        offer("book_table", "Book a table at a restaurant", restaurant="Name", party_size="How many people"),
        offer("book_flight", "Book a flight", origin="From", destination="To", date="When"),
        offer("get_stock_price", "Get the price of a stock", symbol="The ticker symbol, e.g. AAPL"),
        offer("get_delivery_date", "Get the delivery date for a customer's order", order_id="The order's id"),
        offer("get_order_status", "Look at the status of an order", order_id="The order's id"),
        offer("translate_text", "Translate a text", text="The text", target_language="The language"),
        offer("get_current_time", "Get the current time in a timezone", timezone="The timezone"),
        offer("create_event", "Create an event in the calendar", title="Title", start="Start"),
        offer("delete_event", "Delete an event in the calendar", event_id="Which"),
        offer("place_order", "Order a product", product="What", quantity="How many"),
        offer("add_to_cart", "Add a product to the cart", product="What", quantity="How many"),
        offer("find_restaurants", "Find restaurants near a place", place="Where", cuisine="Kind of food"),
        offer("generate_image", "Make an image from a prompt", prompt="The prompt"),
        offer("convert_currency", "Convert money", amount="How much", source="From", target="To"),
        offer("set_light", "Turn a light on or off", room={"enum": ["kitchen", "bedroom"]}, on="On or off"),
        offer("tool_1", "Look up the weather forecast of a city", x="The city"),
        offer("roll_dice", "Roll dice", sides="How many sides"),
        offer("write_poem", "Write a poem", theme="What about"),
        offer("run_python", "Run Python code", code="The code"),
        offer("list_files", "List the files of a folder", path="The folder"),
        offer("lookup_customer", "Look up a customer", email="The customer's mail address"),
    )
}

YES = [
    ("get_weather", "What's the weather like in Paris?"),
    ("get_weather", "Will it rain in Tokyo tomorrow?"),
    ("get_weather", "do i need an umbrella today"),
    ("get_weather", "Please call get_weather for Oslo"),
    ("getCurrentWeather", "What is the weather in Rome right now?"),
    ("get_current_temperature", "How hot is it in Rome?"),
    ("get_current_temperature", "What's the temperature in Madrid?"),
    ("add", "What is 2 + 3?"),
    ("add", "What is the sum of 11 and 31?"),
    ("add", "add 4 and 5"),
    ("add", "what is two plus three"),
    ("add_numbers", "What is 17 + 25?"),
    ("get_product", "Which colours has this product?"),
    ("get_current_time", "What\u2019s the time?"),
    ("multiply", "What is 12 times 4?"),
    ("multiply", "6*7"),
    ("calculator", "Calculate 12.5 * 8 please"),
    ("calculator", "What is 10/2?"),
    ("send_email", "Mail Bob that I am late"),
    ("send_email", "Write an email to Anna about the party"),
    ("send_email", "Send Bob a note that I am late"),
    ("search_web", "Look up the latest news about Mars"),
    ("search_web", "Search the internet for cheap hotels"),
    ("search_web", "Google the opening hours of the Louvre online"),
    ("search", "Search for our refund policy"),
    ("book_table", "Reserve a table for four"),
    ("book_table", "Can you book a table at Luigi's for 7pm?"),
    ("book_flight", "I need to fly to Berlin on Monday"),
    ("book_flight", "Book me a flight from Oslo to Rome"),
    ("get_stock_price", "How is AAPL doing? price please"),
    ("get_stock_price", "What does a share of Apple trade at?"),
    ("get_delivery_date", "When will my order 1234 be delivered?"),
    ("get_delivery_date", "Any news on the delivery of my parcel?"),
    ("get_order_status", "Where is my order 778?"),
    ("translate_text", "Translate good morning to French"),
    ("translate_text", "How do you say cat in Spanish?"),
    ("get_current_time", "What time is it in Tokyo?"),
    ("get_current_time", "What's the date?"),
    ("create_event", "Schedule a meeting with Eve on Friday"),
    ("create_event", "Remind me to call mum"),
    ("delete_event", "Remove the event on Friday"),
    ("place_order", "Buy two pizzas"),
    ("add_to_cart", "Put the blue shirt in my cart"),
    ("find_restaurants", "Find a good Italian restaurant nearby"),
    ("generate_image", "Draw a picture of a cat"),
    ("convert_currency", "How many euros are 20 dollars?"),
    ("set_light", "Turn on the lights in the kitchen"),
    ("tool_1", "What's the weather like in Paris?"),
    ("roll_dice", "Roll a die for me"),
    ("write_poem", "Write a poem about the sea"),
    ("run_python", "Write a Python script that prints the primes below 50"),
    ("list_files", "Which files are in this folder?"),
    ("lookup_customer", "Who is the customer with the number 8812?"),
]

NO = [
    ("get_weather", "Write a poem about the sea"),
    ("get_weather", "Write a poem about the weather"),
    ("get_weather", "Tell me about San Francisco"),
    ("get_weather", "Thanks for the weather report!"),
    ("get_weather", "What is the capital of France?"),
    ("get_weather", "Get me a list of good books"),
    ("get_weather", "Explain how weather forecasts work"),
    ("get_weather", "What time is it in Paris?"),
    ("get_weather", "Python is a hot topic"),
    ("add", "Add milk to my shopping list"),
    ("add", "Sum up this article"),
    ("add", "The plus of this phone is its screen"),
    ("multiply", "How many times have I told you?"),
    ("calculator", "We met on 2024-01-02 at the office"),
    ("calculator", "The shop is open 24/7"),
    ("add_to_cart", "What is 2 + 3?"),
    ("add_numbers", "What is your phone number?"),
    ("bookmark_page", "Book a table for two"),
    ("send_email", "What is an email?"),
    ("send_email", "Send it to the printer"),
    ("search_web", "How are you?"),
    ("search_web", "Write a function that reverses a string"),
    ("search_web", "I feel a bit sad"),
    ("book_table", "I read a book about history yesterday"),
    ("book_table", "Make a table comparing cats and dogs"),
    ("book_flight", "Recommend a book about birds"),
    ("get_stock_price", "Explain how stock markets work"),
    ("get_stock_price", "Set an alarm"),
    ("get_delivery_date", "When was the Eiffel Tower built?"),
    ("get_delivery_date", "What date is Easter?"),
    ("get_current_time", "Once upon a time there was a king"),
    ("get_current_time", "I have no time for this"),
    ("translate_text", "Summarise this text in one sentence"),
    ("create_event", "Create a class for a bank account"),
    ("find_restaurants", "Find the bug in my code"),
    ("generate_image", "Create a slogan for my bakery"),
    ("set_light", "What is the meaning of life?"),
    ("tool_1", "What is the capital of Peru?"),
    ("run_python", "Why is the sky blue?"),
    ("list_files", "List three fruits"),
    ("lookup_customer", "Say this is a test"),
    ("search", "Find x if x squared is nine, show your work"),
]


@pytest.mark.parametrize(("name", "question"), YES)
def test_a_tool_is_wanted_by_a_message_about_what_it_does(name: str, question: str) -> None:
    """A message that names the tool's subject, by whatever word, wants the tool."""
    assert wanted([TOOLS[name]], question) is TOOLS[name]


@pytest.mark.parametrize(("name", "question"), NO)
def test_a_tool_is_not_wanted_by_a_message_about_something_else(name: str, question: str) -> None:
    """A shared verb, example or word of another meaning is not enough."""
    assert wanted([TOOLS[name]], question) is None


@pytest.mark.parametrize("question", ["Hello!", "Thanks, bye", "Tell me a joke", "Who are you?", "", " \n", "?!"])
def test_small_talk_wants_no_tool_at_all(question: str) -> None:
    """Greetings, thanks and empty messages get an answer, whatever is offered."""
    assert wanted(list(TOOLS.values()), question) is None


BEST = [
    (["add", "multiply", "calculator"], "What is 3 * 4?", "multiply"),
    (["multiply", "add"], "What is 3 + 4?", "add"),
    (["delete_event", "create_event"], "Create an event for the party", "create_event"),
    (["create_event", "delete_event"], "Cancel the event", "delete_event"),
    (["search_web", "get_weather"], "What is the weather in Lima?", "get_weather"),
    (["book_table", "book_flight"], "Book a flight to Rome", "book_flight"),
    (["book_flight", "book_table"], "Reserve a table for two", "book_table"),
    (["get_order_status", "get_delivery_date"], "When will my order be delivered?", "get_delivery_date"),
    (["search_web", "lookup_customer"], "Look up the customer 4711", "lookup_customer"),
]


@pytest.mark.parametrize(("names", "question", "best"), BEST)
def test_the_tool_that_fits_best_wins(names: list[str], question: str, best: str) -> None:
    """Of several tools that fit, the one that shares most with the message is wanted."""
    assert wanted([TOOLS[name] for name in names], question) is TOOLS[best]


def test_the_first_of_equals_wins() -> None:
    """Two tools that fit alike are decided by their order."""
    twins = [WEATHER._replace(parameters={}), WEATHER._replace(parameters=None)]
    assert wanted(twins, "How is the weather?") is twins[0]
    assert wanted(twins[::-1], "How is the weather?") is twins[1]


def test_no_tools_no_wish() -> None:
    """Without tools there is none to want."""
    assert wanted([], "What's the weather like?") is None


def test_a_word_in_a_long_text_is_no_request() -> None:
    """A long text that mentions a tool's subject in passing does not want it."""
    words = " ".join(f"w{chr(97 + i % 26)}{chr(97 + i // 26)}rd" for i in range(80))
    assert wanted([WEATHER], f"{words} weather {words}") is None


def test_only_the_end_of_a_huge_message_counts() -> None:
    """What stands more than 2,000 characters before the end is not looked at."""
    assert wanted([WEATHER], "weather in Paris? " + "la " * 2_000) is None
    assert wanted([WEATHER], "la " * 300_000 + "What's the weather in Paris?") is WEATHER


def test_parameters_are_read_in_nested_schemas() -> None:
    """Names, listed values and descriptions deep in the parameters count too."""
    deep = {"anyOf": [{"properties": {"appliance": {"items": {"enum": ["dishwasher"]}}}}]}
    tool = ToolOffer("control_device", "", deep)
    assert wanted([tool], "start the dishwasher appliance") is tool
    assert wanted([tool._replace(parameters={})], "start the dishwasher appliance") is None


def test_a_schema_as_deep_and_wide_as_can_be_is_no_trouble() -> None:
    """Only the first values of a schema are visited, whatever its size and depth."""
    deep: object = {}
    for _ in range(50_000):
        deep = {"properties": {"a": deep}}
    wide = {"properties": {f"p{i}": {"enum": ["x" * 1_000] * 1_000} for i in range(1_000)}}
    assert wanted([ToolOffer("f", "", deep), ToolOffer("g", "", wide), WEATHER], "weather?") is WEATHER
    while deep:  # take it apart from the outside: to free it at once would recurse
        assert isinstance(deep, dict)
        deep = deep["properties"]["a"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["properties", "enum", "description", "title", "items", "x"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)
WILD = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.builds(ToolOffer, WILD, WILD, JSON), max_size=4), WILD)
def test_any_tools_and_any_message_are_answered(tools: list[ToolOffer], question: str) -> None:
    """Whatever is offered and asked, the answer is one of the tools or None, and always the same."""
    found = wanted(tools, question)
    assert found is None or any(found is tool for tool in tools)
    assert wanted(tools, question) is found


@settings(max_examples=60, deadline=None)
@given(WILD.map(lambda text: text.replace("?", "")))
def test_a_tool_is_found_again_by_its_own_name(noise: str) -> None:
    """A message that asks for the tool by name wants it, whatever stands before."""
    assert wanted([WEATHER], f"{noise}\nget_weather for Rome, how is the weather?") is WEATHER
