# ruff: noqa: RUF001, E501
"""Texts and their true o200k_base token counts: not those the estimate was fitted to."""

from typing import NamedTuple


class Sample(NamedTuple):
    """A text, how many tokens it has, and whether it is of the kind that must come within a tenth."""

    name: str
    tokens: int
    common: bool
    text: str


SAMPLES = (
    Sample(
        "English, an answer",
        98,
        True,
        (
            "I understand how frustrating that must be. Let's go through it step by step. Fir"
            "st, check that the cable is firmly connected at both ends, then hold the power b"
            "utton for ten seconds. If the light stays orange, the battery is probably too lo"
            "w to start the machine; leave it charging for half an hour and try again. If not"
            "hing changes, please write down the number on the back and contact our support t"
            "eam, who will be happy to send you a replacement within three working days."
        ),
    ),
    Sample(
        "English, technical",
        106,
        True,
        (
            "Gradient descent minimises a differentiable loss by stepping against its gradien"
            "t. The learning rate controls the step length: too large and the iterates oscill"
            "ate or diverge, too small and convergence takes forever. Momentum accumulates an"
            " exponentially decaying average of past gradients, which damps oscillation along"
            " steep directions. Adaptive optimisers such as Adam keep a per-parameter scale; "
            "regularisation through weight decay is then decoupled from the gradient normalis"
            "ation. Early stopping on a validation set remains the simplest protection agains"
            "t overfitting."
        ),
    ),
    Sample(
        "English, Markdown",
        99,
        True,
        (
            "# Release notes\n"
            "\n"
            "- **New**: streaming answers can now be *paused* and resumed\n"
            "- Fixed: a crash when `config.toml` was empty (see #142)\n"
            "- Changed: the default timeout is 30 s instead of 60 s\n"
            "\n"
            "```bash\n"
            "curl -s https://example.com/health | jq .status\n"
            "```\n"
            "\n"
            "For more details, see [the guide](docs/guide.md#timeouts) and the [FAQ](docs/faq"
            ".md).\n"
        ),
    ),
    Sample(
        "German",
        71,
        False,
        (
            "Die Bundesregierung hat am Mittwoch einen neuen Gesetzentwurf vorgestellt, der d"
            "ie Genehmigungsverfahren für Windkraftanlagen beschleunigen soll. Umweltverbände"
            " begrüßten den Vorschlag grundsätzlich, forderten aber strengere Regeln für den "
            "Artenschutz. Über den Entwurf wird der Bundestag voraussichtlich noch vor der So"
            "mmerpause abstimmen."
        ),
    ),
    Sample(
        "French",
        81,
        False,
        (
            "La forêt s'étendait à perte de vue, traversée par une rivière étroite où les enf"
            "ants du village venaient pêcher l'été. Après l'orage, l'air sentait la terre mou"
            "illée et les pins. Le vieux garde forestier connaissait chaque sentier ; il disa"
            "it que les arbres parlaient à ceux qui savaient écouter, mais personne ne le cro"
            "yait vraiment."
        ),
    ),
    Sample(
        "Spanish",
        62,
        False,
        (
            "El equipo presentó ayer los resultados del estudio, según el cual la calidad del"
            " aire ha mejorado en las principales ciudades durante la última década. Sin emba"
            "rgo, los investigadores advierten de que todavía queda mucho trabajo por hacer, "
            "sobre todo en las zonas industriales, donde las emisiones siguen superando los l"
            "ímites recomendados."
        ),
    ),
    Sample(
        "Italian, Portuguese, Dutch",
        82,
        False,
        (
            "Perché il cielo è azzurro? La luce del sole attraversa l'atmosfera e le molecole"
            " diffondono di più le lunghezze d'onda corte. A inteligência artificial está mud"
            "ando a forma como trabalhamos, mas também levanta questões sobre privacidade e e"
            "mprego. De trein naar Utrecht vertrekt vandaag van spoor zeven, met een vertragi"
            "ng van ongeveer tien minuten wegens werkzaamheden."
        ),
    ),
    Sample(
        "Polish, Czech",
        98,
        False,
        (
            "Wczoraj wieczorem nad miastem przeszła gwałtowna burza, która uszkodziła kilkana"
            "ście dachów i pozbawiła prądu tysiące mieszkańców. Vědci zjistili, že včely doká"
            "žou rozpoznat lidské tváře, pokud jim za správnou odpověď dají sladkou odměnu. V"
            "ýsledky byly zveřejněny v odborném časopise."
        ),
    ),
    Sample(
        "Turkish, Finnish, Hungarian",
        84,
        False,
        (
            "Dün akşam arkadaşlarımla sahilde yürüyüş yaptık, sonra küçük bir lokantada balık"
            " yedik. Eilen illalla kävelimme ystävien kanssa rannalla ja söimme kalaa pieness"
            "ä ravintolassa. Tegnap este a barátaimmal sétáltunk a parton, aztán egy kis étte"
            "remben halat vacsoráztunk."
        ),
    ),
    Sample(
        "Vietnamese, Indonesian, Swedish",
        73,
        False,
        (
            "Hôm qua trời mưa rất to nên chúng tôi ở nhà xem phim và nói chuyện về kế hoạch c"
            "ho kỳ nghỉ. Kemarin hujan turun deras sehingga kami tinggal di rumah menonton fi"
            "lm dan membicarakan rencana liburan. I går regnade det kraftigt så vi stannade h"
            "emma, såg på film och pratade om semesterplanerna."
        ),
    ),
    Sample(
        "Russian",
        73,
        False,
        (
            "Осенью парк становится особенно красивым: жёлтые листья медленно падают на дорож"
            "ки, а в пруду отражается серое небо. Пожилой мужчина каждый день приходил сюда с"
            " газетой и садился на одну и ту же скамейку, словно ждал кого-то, кто обещал вер"
            "нуться много лет назад."
        ),
    ),
    Sample(
        "Ukrainian, Bulgarian, Greek",
        80,
        False,
        (
            "Учора ввечері ми гуляли набережною та дивилися на захід сонця. Вчера вечерта се "
            "разхождахме край морето и гледахме залеза. Χθες το βράδυ περπατήσαμε δίπλα στη θ"
            "άλασσα και είδαμε το ηλιοβασίλεμα πριν γυρίσουμε στο σπίτι."
        ),
    ),
    Sample(
        "Arabic, Persian, Hebrew",
        59,
        False,
        (
            "أعلنت الوزارة اليوم عن خطة جديدة لتطوير التعليم في المناطق الريفية خلال السنوات "
            "الخمس القادمة. وزارت علوم امروز برنامه تازه\u200cای برای توسعه آموزش اعلام کرد. משרד "
            "החינוך הודיע היום על תוכנית חדשה לפיתוח בתי ספר באזורים הכפריים במהלך חמש השנים "
            "הקרובות."
        ),
    ),
    Sample(
        "Hindi, Bengali, Thai",
        71,
        False,
        (
            "कल शाम हम दोस्तों के साथ नदी के किनारे टहलने गए और फिर घर लौटकर खाना खाया। গতকাল"
            " সন্ধ্যায় আমরা বন্ধুদের সাথে নদীর ধারে হাঁটতে গিয়েছিলাম। เมื่อวานตอนเย็นเราไปเ"
            "ดินเล่นริมแม่น้ำกับเพื่อน ๆ แล้วกลับบ้านมากินข้าวด้วยกัน"
        ),
    ),
    Sample(
        "Chinese",
        69,
        False,
        (
            "研究人员昨天宣布,他们开发出一种新型电池,可以在五分钟内完成充电,并且使用寿命比传统电池长三倍。专家认为,这项技术如果能够大规模生产,将会改变整个电动汽车行业。"
            "不过,材料成本仍然是需要解决的主要问题。"
        ),
    ),
    Sample(
        "Chinese, traditional",
        58,
        False,
        (
            "昨天晚上我們和朋友一起去夜市吃東西,那裡的臭豆腐和珍珠奶茶非常有名。回家的路上下起了大雨,所以我們搭計程車回去,結果還是全身都濕透了。"
        ),
    ),
    Sample(
        "Japanese",
        76,
        False,
        (
            "昨日の夜、友達と一緒に海辺を散歩してから、小さなレストランで魚料理を食べました。店の主人はとても親切で、この町の歴史についていろいろな話を聞かせてくれました。来"
            "年もまた同じ季節に訪れたいと思います。"
        ),
    ),
    Sample(
        "Korean",
        60,
        False,
        (
            "어제 저녁에 친구들과 바닷가를 산책하고 작은 식당에서 생선 요리를 먹었습니다. 식당 주인은 아주 친절했고 이 마을의 역사에 대해 재미있는 이야기"
            "를 많이 들려주었습니다. 내년에도 꼭 다시 오고 싶습니다."
        ),
    ),
    Sample(
        "Emoji",
        75,
        False,
        (
            "Happy birthday 🎂🎈🎁! Love you ❤️😘 Can't wait for the trip ✈️🏖️🌴 Team: 👩\u200d💻👨\u200d🔬🧑🏿\u200d🚀 "
            "Countries 🇩🇪🇰🇷🇮🇳 Mood 😂🤣😭🙏🏻 Done ✔️ Warning ⚠️ 🔥🔥"
        ),
    ),
    Sample(
        "JSON",
        161,
        True,
        (
            '{"users":[{"id":17,"email":"ada@example.org","active":true,"roles":["admin","edi'
            'tor"],"last_login":"2024-11-03T08:15:30Z"},{"id":18,"email":"grace@example.org",'
            '"active":false,"roles":[],"last_login":null}],"page":1,"total":2}\n'
            "{\n"
            '  "version": "2.1",\n'
            '  "services": {\n'
            '    "web": {\n'
            '      "image": "nginx:1.25",\n'
            '      "ports": ["80:80", "443:443"],\n'
            '      "environment": {"LOG_LEVEL": "info", "MAX_CONN": "512"}\n'
            "    }\n"
            "  },\n"
            '  "price": 19.99,\n'
            '  "ratio": -0.125\n'
            "}"
        ),
    ),
    Sample(
        "Python",
        161,
        True,
        (
            "def parse_line(line):\n"
            "    # skip comments and blank lines\n"
            '    if not line.strip() or line.startswith("#"):\n'
            "        return None\n"
            '    key, _, value = line.partition("=")\n'
            "    try:\n"
            "        return key.strip(), int(value)\n"
            "    except ValueError as error:\n"
            '        raise ConfigError(f"bad value for {key!r}: {value!r}") from error\n'
            "\n"
            "\n"
            "class Counter:\n"
            "    def __init__(self):\n"
            "        self._counts = {}\n"
            "\n"
            "    def add(self, key, amount=1):\n"
            "        self._counts[key] = self._counts.get(key, 0) + amount\n"
            "        return self._counts[key]\n"
            "\n"
            "    def most_common(self, n=10):\n"
            "        return sorted(self._counts.items(), key=lambda kv: -kv[1])[:n]\n"
        ),
    ),
    Sample(
        "JavaScript",
        88,
        True,
        (
            "const express = require('express');\n"
            "const app = express();\n"
            "\n"
            "app.get('/items/:id', (req, res, next) => {\n"
            "  const item = store.find(i => i.id === Number(req.params.id));\n"
            "  if (!item) return res.status(404).json({ error: 'not found' });\n"
            "  res.json(item);\n"
            "});\n"
            "\n"
            "app.listen(process.env.PORT || 3000, () => console.log('listening'));\n"
        ),
    ),
    Sample(
        "SQL, HTML",
        87,
        False,
        (
            "CREATE TABLE sessions (id UUID PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES u"
            "sers(id), expires_at TIMESTAMPTZ NOT NULL DEFAULT now() + INTERVAL '30 days');\n"
            '<ul id="menu"><li><a href="index.html">Home</a></li><li class="active"><a href="'
            'about.html">About us</a></li></ul><script src="app.js" defer></script>'
        ),
    ),
    Sample(
        "Logs, ids",
        128,
        False,
        (
            '192.168.10.254 - - [10/Oct/2024:13:55:36 +0000] "GET /api/v1/items?id=42 HTTP/1.'
            '1" 200 2326 sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00'
            "a08 +49 30 1234567 f(x) = x^2 + 2x - 7 eyJhbGciOiJIUzI1NiJ9"
        ),
    ),
)
