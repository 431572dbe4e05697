"""What people say in the demonstration. Everybody is made up.

Language to kind to sentences. What agents say begins with `a_`, what departments say with `d_`. A citizen's matter may
be about a queue: `matter_skola`; other queues are asked `matter`.
"""

from typing import Final

HOUSE: Final = "sv"
"""Spoken where somebody's own language is not known here."""

SENTENCES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "sv": {
        "a_hello": ("Malmö stad, hej, vad kan jag hjälpa till med?", "Hej och välkommen till Malmö stad."),
        "a_ask": (
            "Ska vi se. Vilken adress gäller det?",
            "Kan du berätta lite mer?",
            "Har du varit i kontakt med oss om det förut?",
        ),
        "a_tell": (
            "Då ska du ansöka på webben, under Mina sidor.",
            "Handläggningstiden är ungefär tre veckor.",
            "Jag skickar länken till dig, så kan du läsa i lugn och ro.",
            "Det ser bra ut härifrån. Jag noterar det i ditt ärende.",
        ),
        "a_moment": ("Ett ögonblick, jag ska se efter.", "Vänta lite, så frågar jag en kollega."),
        "a_connect": ("Jag kopplar dig vidare.", "Ett ögonblick, så kopplar jag."),
        "a_away": ("Tyvärr, ingen svarar där just nu.", "Hen är inte på plats just nu. Försök gärna igen senare."),
        "a_present": ("Hej, jag har en medborgare i luren som behöver din hjälp.",),
        "a_promise": ("Jag ringer upp dig så snart jag vet mer.",),
        "a_bye": ("Tack för att du ringde. Hej då.",),
        "d_hello": ("Hej, du har kommit till avdelningen.", "Ja, hallå?"),
        "d_tell": ("Ja, det kan jag hjälpa till med.", "Vi tar hand om det i dag."),
        "matter": (
            "Hej, jag söker någon som kan svara på en fråga om bygglov.",
            "Hej, kan du koppla mig till den som har hand om avfall?",
            "God dag, jag vill tala med någon om min faktura.",
        ),
        "matter_skola": (
            "Hej, jag undrar när vi får besked om plats i förskolan.",
            "Min dotter ska byta skola. Hur gör vi?",
        ),
        "matter_aldre": ("Hej, min mamma behöver hemtjänst.", "Det gäller färdtjänst för min far."),
        "matter_social": ("Hej, jag vill veta hur det går med min ansökan.", "Jag behöver tala med min handläggare."),
        "matter_gata": ("Det är ett stort hål i gatan utanför oss.", "Gatubelysningen har slocknat i hela kvarteret."),
        "matter_miljo": ("Det luktar konstigt från restaurangen bredvid.", "Hur mycket får en fest egentligen låta?"),
        "matter_bibliotek": ("Hej, kan jag låna om mina böcker?", "Hur länge har ni öppet på lördag?"),
        "reply": ("Ja, precis.", "Nej, det har jag inte gjort.", "Jaha, det visste jag inte.", "Ja, det blir bra."),
        "hallo": ("Hallå, är det någon där?",),
        "thanks": ("Tack så mycket för hjälpen. Hej då.", "Då vet jag. Tack, hej hej."),
        "where": ("På Bergsgatan, utanför nummer trettiofyra.", "I Pildammsparken, vid den stora dammen."),
        "what": ("En lyktstolpe lutar ut över cykelvägen.", "Det har vält en soptunna, och allt ligger på gångbanan."),
        "message": ("Hej, jag vill gärna bli uppringd om min ansökan. Tack.",),
    },
    "en": {
        "a_hello": ("City of Malmö, hello, how may I help you?",),
        "a_ask": ("Which address is it about?", "Could you tell me a little more?"),
        "a_tell": ("You can apply on our web site.", "It takes about three weeks.", "I will note that in your case."),
        "a_moment": ("One moment, please, I will have a look.",),
        "a_connect": ("I will put you through.",),
        "a_away": ("I am sorry, there is no answer.",),
        "a_promise": ("I will call you back as soon as I know more.",),
        "a_bye": ("Thank you for calling. Goodbye.",),
        "d_hello": ("Hello, this is the department.",),
        "d_tell": ("Yes, I can help you with that.",),
        "matter": (
            "Hello, I have just moved to Malmö, and I would like to know how to register.",
            "Hi, where do I apply for a place at a school?",
            "Good morning, I have a question about my invoice.",
        ),
        "reply": ("Yes, that is right.", "No, I have not.", "I see, I did not know that."),
        "hallo": ("Hello, is anybody there?",),
        "thanks": ("Thank you very much. Goodbye.",),
        "where": ("In Möllevången, next to the square.",),
        "what": ("A street light is broken.",),
        "message": ("Hello, please call me back about my application. Thank you.",),
    },
    "fi": {
        "a_hello": ("Malmön kaupunki, hyvää päivää, miten voin auttaa?",),
        "a_ask": ("Voisitteko kertoa hieman lisää?",),
        "a_tell": ("Hakemus tehdään verkossa.", "Käsittely kestää noin kolme viikkoa."),
        "a_moment": ("Hetkinen, katson asiaa.",),
        "a_connect": ("Yhdistän teidät.",),
        "a_away": ("Valitettavasti sieltä ei vastata.",),
        "a_promise": ("Soitan teille, kun tiedän enemmän.",),
        "a_bye": ("Kiitos soitosta. Kuulemiin.",),
        "matter": ("Hyvää päivää, äitini tarvitsee kotipalvelua.", "Hei, onko teillä suomenkielistä palvelua?"),
        "reply": ("Kyllä, juuri niin.", "En ole vielä tehnyt sitä."),
        "hallo": ("Haloo, onko siellä ketään?",),
        "thanks": ("Kiitos paljon avusta. Kuulemiin.",),
        "where": ("Asemakadulla, aseman vieressä.",),
        "what": ("Katulamppu on rikki.",),
        "message": ("Hei, soittakaa minulle takaisin, kiitos.",),
    },
    "ar": {
        "a_hello": ("بلدية مالمو، مرحبا، كيف يمكنني مساعدتك؟",),
        "a_ask": ("هل يمكنك أن تخبرني بالمزيد؟",),
        "a_tell": ("يمكنك تقديم الطلب على موقعنا.", "يستغرق الأمر حوالي ثلاثة أسابيع."),
        "a_moment": ("لحظة من فضلك.",),
        "a_connect": ("سأحول مكالمتك الآن.",),
        "a_away": ("آسف، لا أحد يجيب الآن.",),
        "a_promise": ("سأتصل بك عندما أعرف المزيد.",),
        "a_bye": ("شكرا لاتصالك. مع السلامة.",),
        "matter": ("مرحبا، أريد أن أسأل عن المدرسة لأولادي.", "صباح الخير، عندي سؤال عن طلبي."),
        "reply": ("نعم، هذا صحيح.", "لا، لم أفعل ذلك."),
        "hallo": ("مرحبا، هل يوجد أحد؟",),
        "thanks": ("شكرا جزيلا. مع السلامة.",),
        "where": ("في شارع بيرجسجاتان.",),
        "what": ("مصباح الشارع مكسور.",),
        "message": ("مرحبا، أرجو الاتصال بي. شكرا.",),
    },
}

SEARCHES: Final = (
    "bygglov", "sopor", "avfall", "vatten", "parkering", "förskola", "skolskjuts", "faktura", "karta", "gatlampa",
    "återvinning", "bostadsanpassning", "bibliotek", "park", "klotter",
)  # fmt: skip
"""What operators type when they look for who answers for something."""

GREETINGS: Final = frozenset(text for kinds in SENTENCES.values() for text in kinds["a_hello"])
